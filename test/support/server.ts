import { EventEmitter, once } from 'node:events';
import http, { type Server } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import express5 from 'express';
import express4 from 'express4';
import { type Exchange, type Handler, type Mm7Request, mm7DeliveryReports, type Options } from '../../lib/index.js';

/** The Express versions under test, by name. Their types are identical in everything used here. */
export const EXPRESS = { 'Express 5': express5, 'Express 4': express4 } as const;

/** Collects the reported exchanges, so that tests can wait for them. */
export class Exchanges extends EventEmitter<{ exchange: [Exchange] }> {
	readonly all: Exchange[] = [];

	readonly add = (exchange: Exchange): void => {
		this.all.push(exchange);
		this.emit('exchange', exchange);
	};

	/** Waits for the exchange with that number, counted from 1. */
	async number(count: number): Promise<Exchange> {
		while (this.all.length < count) await once(this, 'exchange');
		return this.all[count - 1] as Exchange;
	}
}

/** An Express app with the middleware at /mm7, for supertest. */
export function app<Req extends http.IncomingMessage = Mm7Request>(
	handler: Handler<Req> = () => undefined,
	options: Options<Req> = {},
	express = express5,
): express5.Express {
	const application = express();
	application.use('/mm7', mm7DeliveryReports(handler, options) as unknown as express5.RequestHandler);
	return application;
}

const running = new Set<{ server: Server; sockets: Set<Socket> }>();

/** Starts an app on a free port; `stopServers` ends it. */
export async function listen(
	application: http.RequestListener,
	options: http.ServerOptions = {},
): Promise<{ port: number; server: Server }> {
	const server = http.createServer(options, application);
	const sockets = new Set<Socket>();
	server.on('connection', (socket) => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
	});
	running.add({ server, sockets });
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { port: (server.address() as AddressInfo).port, server };
}

/** For `afterEach`: ends every server that a test started, and their connections. */
export async function stopServers(): Promise<void> {
	for (const { server, sockets } of running) {
		for (const socket of sockets) socket.destroy();
		if (server.listening) {
			server.close();
			await once(server, 'close');
		}
	}
	running.clear();
}

/** A connection that collects everything the server sends. */
export class Connection {
	readonly socket: Socket;
	received = '';
	closed = false;

	constructor(port: number) {
		this.socket = net.connect(port, '127.0.0.1');
		this.socket.setNoDelay(true);
		this.socket.on('data', (chunk) => {
			this.received += chunk.toString('latin1');
		});
		// a reset also closes the connection; bytes received before it still count
		this.socket.on('error', () => undefined);
		this.socket.on('close', () => {
			this.closed = true;
		});
	}

	write(data: string | Buffer): this {
		this.socket.write(data);
		return this;
	}

	/** Waits until `count` complete responses have arrived or the connection is closed. */
	async responses(count = 1): Promise<RawResponse[]> {
		for (;;) {
			const responses = readRawResponses(this.received);
			if (responses.length >= count || this.closed) return responses;
			const heard = new AbortController();
			await Promise.race(['data', 'close'].map((event) => once(this.socket, event, { signal: heard.signal })));
			heard.abort(); // removes the listener for the other event
		}
	}

	async end(): Promise<void> {
		if (!this.closed) await once(this.socket, 'close');
	}
}

/** A raw HTTP response, as read from the socket. */
export interface RawResponse {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

/** Reads all complete responses at the start of a text. Each response has a Content-Length or is 1xx. */
export function readRawResponses(text: string): RawResponse[] {
	const responses: RawResponse[] = [];
	let rest = text;
	for (;;) {
		const end = rest.indexOf('\r\n\r\n');
		if (end === -1) return responses;
		const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
		const headers = Object.fromEntries(
			lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
		);
		const status = Number(statusLine.split(' ')[1]);
		const length = status < 200 ? 0 : Number(headers['content-length'] ?? 0);
		const body = rest.slice(end + 4, end + 4 + length);
		if (body.length < length) return responses;
		rest = rest.slice(end + 4 + length);
		if (status >= 200) responses.push({ status, headers, body });
	}
}

/** The bytes of a POST with its Content-Length. */
export function post(body: string | Buffer, headers: Readonly<Record<string, string | undefined>> = {}): Buffer {
	const bytes = Buffer.from(body as string);
	const all: Record<string, string | undefined> = {
		Host: '127.0.0.1',
		'Content-Type': 'text/xml; charset=utf-8',
		'Content-Length': String(bytes.length),
		...headers,
	};
	const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]));
	return Buffer.concat([Buffer.from(`POST /mm7 HTTP/1.1\r\n${lines.join('')}\r\n`), bytes]);
}

/** A body in HTTP chunks of `size` bytes. */
export function chunked(body: Buffer, size: number): Buffer {
	const pieces: Buffer[] = [];
	for (let from = 0; from < body.length; from += size) {
		const piece = body.subarray(from, from + size);
		pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
	}
	return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
}
