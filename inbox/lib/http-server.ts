import { type RequestListener, Server, type ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { Config } from './config.js';

/** Time for the headers of a request to arrive. */
const HEADERS_TIMEOUT_MS = 5_000;
/** Time for a whole request to arrive: longer than the middleware's `bodyTimeout`, so that a slow body gets a SOAP response. */
const REQUEST_TIMEOUT_MS = 15_000;
/** How often Node.js looks for requests over these times. */
const TIMEOUT_CHECK_MS = 1_000;
/** How long an idle connection stays open: longer than the 60 s of nginx and AWS, which would otherwise report 502. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** Counts a connection that has never carried a request as idle: browsers and load balancers open them in advance. */
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
		// the app checks it instead, because Node.js would not say that it rejected a request
		requireHostHeader: false,
	};
	const server = new InboxServer(options, listener);
	// an unknown Expect header may be ignored (RFC 9110 10.1.1); Node.js would answer 417 and not say so
	server.on('checkExpectation', listener);
	return server;
}
