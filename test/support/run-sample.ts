import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, Server } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import express from 'express';
import { type DeliveryReport, mm7DeliveryReports, parseDeliveryReport } from 'mm7-delivery-reports';
import { deliveryReportRequest } from 'mm7-delivery-reports/testing';

// Runs one sample of the documents, unchanged, as a separate program. Its servers listen on a free port of loopback,
// and names that it expects from its reader are globals. The parent process acts as the provider.

/** Names that a sample uses without defining them. */
export interface StandIns {
	/** An app's code for a report. */
	readonly saveStatus: (messageId: string, number: string | undefined, state: string) => Promise<void>;
	/** A handler that saves the report. */
	readonly handler: (report: DeliveryReport) => Promise<void>;
	/** The body of a recorded request. */
	readonly bytes: Buffer;
	readonly headers: Record<string, string>;
	/** A parsed report. */
	readonly report: DeliveryReport;
	/** An app that the sample adds to. */
	readonly app: express.Express;
	/** The URL of a receiver. */
	readonly url: string;
	readonly expect: Chai.ExpectStatic;
}

/** A message to the parent process; it has one of these properties. */
export interface FromSample {
	/** The sample has started: its server, and whether it exports a handler. */
	readonly ready?: {
		readonly server: { readonly port: number; readonly tls: boolean } | undefined;
		readonly handler: boolean;
	};
	/** The result of the exported handler. */
	readonly result?: { readonly value: unknown };
	/** The number of saved reports. */
	readonly saved?: number;
}

/** A request of the parent: to call the exported handler, or for the number of saved reports. */
export type ToSample = { readonly event: unknown } | { readonly saved: true };

/** The environment variable with the name of a cloud function. */
export const FUNCTION_NAME = 'SAMPLE_FUNCTION_NAME';

async function run(file: string): Promise<void> {
	let saved = 0;
	let extended: express.Express | undefined;
	const saveStatus = async () => {
		saved++;
	};
	const request = deliveryReportRequest();
	const other = await listening(mm7DeliveryReports(() => undefined) as unknown as RequestListener);
	other.unref();
	const standIns: StandIns = {
		saveStatus,
		handler: saveStatus,
		bytes: Buffer.from(request.body as string),
		headers: request.headers,
		report: await parseDeliveryReport(request.body, request.headers),
		get app() {
			extended ??= express();
			return extended;
		},
		url: `http://127.0.0.1:${portOf(other)}/mm7`,
		expect,
	};
	Object.defineProperties(globalThis, Object.getOwnPropertyDescriptors(standIns));

	const servers: Server[] = [];
	const started: Promise<unknown>[] = [];
	const { listen } = Server.prototype;
	Server.prototype.listen = function listenHere(this: Server, ...args: unknown[]) {
		servers.push(this);
		started.push(once(this, 'listening'));
		if (args.length > 0 && typeof args.at(-1) === 'function') this.once('listening', args.at(-1) as () => void);
		return listen.call(this, { port: 0, host: '127.0.0.1' });
	} as typeof listen;

	const sample = (await import(pathToFileURL(file).href)) as {
		handler?: (event: unknown) => Promise<unknown>;
		POST?: (request: Request) => Promise<Response>;
	};
	if (sample.POST) createServer(routeHandler(sample.POST)).listen();

	const functionName = process.env[FUNCTION_NAME];
	if (functionName !== undefined) {
		const { getTestServer } = await import('@google-cloud/functions-framework/testing');
		getTestServer(functionName).listen();
	}
	if (extended) createServer(extended).listen();
	await Promise.all(started);
	// servers that have already stopped, such as supertest's, belong to the sample alone
	const server = servers.find((candidate) => candidate.listening);
	const open = server && { port: portOf(server), tls: server instanceof TlsServer };
	tell({ ready: { server: open, handler: sample.handler !== undefined } });

	process.on('message', async (message: ToSample) => {
		if ('event' in message) tell({ result: { value: await sample.handler?.(message.event) } });
		else tell({ saved });
	});
}

/** Serves a function that accepts a fetch `Request`, as Next.js does. */
function routeHandler(post: (request: Request) => Promise<Response>): RequestListener {
	return async (req, res) => {
		const headers = Object.entries(req.headersDistinct).map(([name, values = []]): [string, string] => [
			name,
			values.join(),
		]);
		const body = Buffer.concat(await req.toArray());
		const response = await post(new Request(`http://localhost${req.url}`, { method: 'POST', headers, body }));
		res.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
	};
}

async function listening(listener: RequestListener): Promise<Server> {
	const server = createServer(listener).listen(0, '127.0.0.1');
	await once(server, 'listening');
	return server;
}

function portOf(server: Server): number {
	return (server.address() as AddressInfo).port;
}

function tell(message: FromSample): void {
	process.send?.(message);
}

if (process.argv[2] !== undefined && require.main === module) void run(process.argv[2]);
