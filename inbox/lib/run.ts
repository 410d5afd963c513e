import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeInbox } from './app.js';
import type { Config } from './config.js';
import { fillWithDemoData } from './demo.js';
import { prepareForwarding } from './forward/prepare.js';
import { greeting, isLocalOnly } from './greeting.js';
import { makeServer } from './http-server.js';
import type { Logger } from './log.js';
import { pathOf, prefixOf } from './providers.js';
import { openQueue } from './queue/queue.js';
import type { Role } from './roles.js';
import { closeServer, killProcess, onStopSignal } from './stop.js';
import type { Database } from './store/database.js';
import { openDatabase, openWhenAvailable } from './store/open-database.js';
import { Outbox } from './store/outbox.js';
import { withTimeLimit } from './time-limit.js';

/** Logged when a process is ready, by its role. */
const READY = {
	receive: 'waiting for reports',
	work: 'storing reports from the queue',
	page: 'showing reports',
} as const satisfies Record<Role, string>;

/** After this time the terminal shows what the start is waiting for. */
const SLOW_START_MS = 1_000;
/** Time for the queue and the database to close after the last response. */
const FINISH_TIMEOUT_MS = 5_000;

/**
 * Runs an inbox, or one role of it, until a signal stops it.
 *
 * @throws Error that says in one sentence why it cannot start
 */
export async function run(config: Config, role: Role | undefined, log: Logger): Promise<void> {
	let serve: RequestListener = notReady;
	/** SQLite would abort a process that exits in the middle of a statement. */
	let preparing: Promise<void> | undefined;
	const server = makeServer(config, (req, res) => serve(req, res));
	// from the beginning, because process 1 of a container ignores signals that nothing listens for
	onStopSignal(async (signal) => {
		await preparing?.catch(() => {});
		if (serve === notReady) process.exit(0);
		await stop(signal);
	});
	// before the database is touched: a port in use is the most common mistake
	await listen(server, config);

	const database = role === 'receive' ? undefined : await open();
	if (database) {
		preparing = prepare(database);
		await preparing;
	}
	const queue =
		config.queue && role !== 'page'
			? openQueue(config.queue, `mm7-inbox ${role ?? ''} ${process.pid}`, log, (err) => end(err, 'queue unusable'))
			: undefined;
	const inbox = makeInbox(config, { role, database, queue }, log);
	serve = inbox.app;
	server.on('clientError', inbox.onClientError);

	const { port } = server.address() as AddressInfo;
	const storedIn = [queue?.name, database?.name].filter((name) => name !== undefined);
	console.log(greeting(config, role, port, inbox.pagePath, storedIn));
	log.info({ port, queue: queue?.name, database: database?.name }, READY[role ?? 'receive']);
	const receives = role === undefined || role === 'receive';
	for (const provider of receives && !isLocalOnly(config.host) ? config.providers : []) {
		if (provider.credentials || provider.allowFrom) continue;
		const [path, prefix] = [pathOf(provider), prefixOf(provider.name)];
		const advice = `set ${prefix}_USER and ${prefix}_PASSWORD, or ${prefix}_ALLOW_FROM`;
		log.warn({ path }, `anyone who can reach this machine can send reports; ${advice}`);
	}

	async function open() {
		const events = {
			onError: (err: Error) => log.warn({ err }, 'database connection lost'),
			onBroken: (err: Error) => end(err, 'database broken'),
		};
		const onAway = (err: unknown) => log.error({ err }, 'waiting for the database');
		const slow = setTimeout(() => console.log('Opening the database …'), SLOW_START_MS);
		const opening = role === undefined ? openDatabase(config, events) : openWhenAvailable(config, events, onAway);
		return opening.finally(() => clearTimeout(slow));
	}

	async function prepare(database: Database): Promise<void> {
		if (config.isDemo) {
			console.log('Inventing a thousand messages …');
			await fillWithDemoData(database, Date.now());
		}
		if (role !== 'page') await prepareForwarding(new Outbox(database), config, log);
	}

	async function stop(signal: NodeJS.Signals): Promise<void> {
		log.info({ signal }, 'stopping');
		inbox.endStreams();
		const complete = await closeServer(server);
		try {
			await withTimeLimit(finish(), FINISH_TIMEOUT_MS, 'the database did not close in time');
		} catch (err) {
			log.fatal({ err }, 'stopping failed; killing the process');
			return killProcess();
		}
		log.info({ complete }, 'stopped');
		process.exit(complete ? 0 : 1);
	}

	async function finish(): Promise<void> {
		await inbox.finished();
		queue?.close();
		await database?.close();
	}

	function end(err: unknown, problem: string): never {
		log.fatal({ err }, `${problem}; ending the process`);
		process.exit(1);
	}
}

/** Requests that arrive before the database is open have to be retried. */
const notReady: RequestListener = (_req, res) => {
	res.writeHead(503, { 'Content-Type': 'text/plain', 'Retry-After': '5' }).end('Starting: retry in a moment\n');
};

function listen(server: Server, { port, host }: Config): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', (error: NodeJS.ErrnoException) => {
			const isInUse = error.code === 'EADDRINUSE';
			reject(isInUse ? new Error(`Port ${port} is in use. Choose another one, such as PORT=${port + 1}`) : error);
		});
		server.listen(port, host, () => resolve());
	});
}
