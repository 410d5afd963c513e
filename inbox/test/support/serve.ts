import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { makeInbox } from '../../lib/app.js';
import { type Config, readConfig } from '../../lib/config.js';
import { prepareForwarding } from '../../lib/forward/prepare.js';
import { makeServer } from '../../lib/http-server.js';
import { type LogDestination, type Logger, makeLogger } from '../../lib/log.js';
import { closeServer } from '../../lib/stop.js';
import type { Database } from '../../lib/store/database.js';
import { Outbox } from '../../lib/store/outbox.js';

/** A served inbox. */
export interface ServedInbox extends Served {
	/** The link that opens the page. */
	readonly pageUrl: string;
	/** Headers that give a script access to the page. */
	readonly bearer: { readonly Authorization: string };
}

/** A server on a free local port. */
export interface Served {
	readonly url: string;
	readonly server: Server;
	close(): Promise<void>;
}

/**
 * Serves an app.
 *
 * @param config - default: a free port
 */
export async function serve(
	app: Express,
	beforeClose = () => {},
	config: Config = readConfig({ PORT: '0' }),
): Promise<Served> {
	const server = makeServer(config, app);
	await new Promise<void>((resolve) => server.listen(config.port, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		server,
		async close() {
			beforeClose();
			await closeServer(server);
		},
	};
}

/**
 * Serves an inbox. Closing it leaves the database open.
 *
 * @param env - its configuration, as environment variables
 */
export async function serveInbox(
	database: Database,
	env: Record<string, string> = {},
	log: Logger = makeLogger('silent'),
): Promise<ServedInbox> {
	const config = readConfig({ PORT: '0', ...env });
	if (config.forward) await prepareForwarding(new Outbox(database), config, log);
	const inbox = makeInbox(config, { database }, log);
	const served = await serve(inbox.app, inbox.endStreams, config);
	served.server.on('clientError', inbox.onClientError);
	return {
		...served,
		pageUrl: served.url + inbox.pagePath,
		bearer: { Authorization: `Bearer ${inbox.pagePath.split('=')[1]}` },
		async close() {
			await served.close();
			await inbox.finished();
		},
	};
}

/** Collects the lines of a log. */
export class LogLines implements LogDestination {
	readonly lines: string[] = [];

	write(line: string): void {
		this.lines.push(line);
	}
}
