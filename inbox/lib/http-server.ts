import { createServer, type RequestListener, type Server } from 'node:http';
import type { Config } from './config.js';

/** Time for the headers of a request to arrive. */
const HEADERS_TIMEOUT_MS = 5_000;
/** Time for a whole request to arrive: longer than the middleware's `bodyTimeout`, so that a slow body gets a SOAP response. */
const REQUEST_TIMEOUT_MS = 15_000;
/** How often Node.js looks for requests over these times. */
const TIMEOUT_CHECK_MS = 1_000;
/** How long an idle connection stays open: longer than the 60 s of nginx and AWS, which would otherwise report 502. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

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
	const server = createServer(options, listener);
	// an unknown Expect header may be ignored (RFC 9110 10.1.1); Node.js would answer 417 and not say so
	server.on('checkExpectation', listener);
	return server;
}
