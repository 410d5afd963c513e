import { type RequestListener, Server, type ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { Config } from './config.js';

/** Time for the headers of a request to arrive. */
const HEADERS_TIMEOUT_MS = 5_000;
/** Time for a whole request to arrive: more than the middleware's `bodyTimeout`, so a slow body gets a SOAP response. */
const REQUEST_TIMEOUT_MS = 15_000;
/** How often Node.js checks these limits. */
const TIMEOUT_CHECK_MS = 1_000;
/** Lifetime of an idle connection: more than the 60 s of nginx and AWS, which would otherwise respond with 502. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** Treats connections that never carried a request as idle: browsers and load balancers open them in advance. */
class InboxServer extends Server {
	readonly #connections = new Set<Socket>();

	constructor(options: ServerOptions, listener: RequestListener) {
		super(options, listener);
		this.on('connection', (socket) => {
			this.#connections.add(socket);
			socket.once('close', () => this.#connections.delete(socket));
		});
	}

	override closeIdleConnections(): void {
		super.closeIdleConnections();
		for (const socket of this.#connections) if (socket.bytesRead === 0) socket.destroy();
	}
}

/** Makes the HTTP server of an inbox. */
export function makeServer(config: Config, listener: RequestListener): Server {
	const options = {
		headersTimeout: HEADERS_TIMEOUT_MS,
		requestTimeout: REQUEST_TIMEOUT_MS,
		connectionsCheckingInterval: TIMEOUT_CHECK_MS,
		keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
		insecureHTTPParser: config.insecureHttpParser,
		// the app checks it instead, because Node.js does not report the requests it rejects
		requireHostHeader: false,
	};
	const server = new InboxServer(options, listener);
	// an unknown Expect header may be ignored (RFC 9110 10.1.1); Node.js would respond with 417 and not report it
	server.on('checkExpectation', listener);
	return server;
}
