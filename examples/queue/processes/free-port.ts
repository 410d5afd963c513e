import { once } from 'node:events';
import { createServer } from 'node:net';
import { listen } from './listen.js';

/**
 * Finds a port of this machine that nobody listens on; somebody else may take it before you do.
 *
 * @param wanted - 0 for any
 * @throws Error with code EADDRINUSE where somebody listens on it
 */
export async function freePort(wanted = 0, host = '127.0.0.1'): Promise<number> {
	const server = createServer();
	const port = await listen(server, wanted, host);
	server.close();
	await once(server, 'close');
	return port;
}
