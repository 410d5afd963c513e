/** A server under test, in a separate process. */
import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { serveCalls } from './processes.js';
import { SERVERS } from './servers.js';

serveCalls({
	/** @param {import('../run.js').Row} row @returns {Promise<number>} the port */
	async start({ server, options, prepared }) {
		const app = await SERVERS[server]?.(options);
		if (!app) throw new Error(`no server ${server}`);
		const running = createServer(prepared ? prepare(app) : {}, app).listen(0, '127.0.0.1');
		await once(running, 'listening');
		return /** @type {import('node:net').AddressInfo} */ (running.address()).port;
	},

	/** Microseconds of CPU of all threads, since garbage collection and compilation are part of the cost. */
	cpu() {
		const { user, system } = process.cpuUsage();
		return user + system;
	},

	/** Bytes of resident memory after garbage collection. */
	async settledMemory() {
		for (let i = 0; i < 3; i++) {
			globalThis.gc?.();
			await setTimeout(50);
		}
		return process.memoryUsage.rss();
	},
});

/**
 * Classes for `createServer` whose instances have Express's prototypes from the start; docs/hosting.md explains why.
 *
 * @param {import('express').Express} app
 */
function prepare(app) {
	class Request extends IncomingMessage {}
	class Response extends ServerResponse {}
	app.request = Object.setPrototypeOf(Request.prototype, app.request);
	app.response = Object.setPrototypeOf(Response.prototype, app.response);
	return { IncomingMessage: Request, ServerResponse: /** @type {typeof ServerResponse} */ (Response) };
}
