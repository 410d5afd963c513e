/** One server under test: runs in a process of its own, tells its CPU time and memory by IPC. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { answerCalls } from './calls.js';
import { prepare } from './prepare.js';

/** @type {import('node:http').Server} */
let running;

answerCalls({
	/** @param {{ module: string, options?: object, prepared?: boolean }} candidate */
	async start({ module, options, prepared }) {
		const { receiver } = await import(`./servers/${module}`);
		const app = await receiver(options);
		running = createServer(prepared ? prepare(app) : {}, app);
		running.listen(0, '127.0.0.1');
		await once(running, 'listening');
		return /** @type {import('node:net').AddressInfo} */ (running.address()).port;
	},

	/** Microseconds of CPU, all threads: garbage collection and compilation are costs of a request too. */
	cpu() {
		const { user, system } = process.cpuUsage();
		return user + system;
	},

	/** Bytes of resident memory, after what can be given back was given back. */
	async settledMemory() {
		for (let i = 0; i < 3; i++) {
			globalThis.gc?.();
			await setTimeout(50);
		}
		return process.memoryUsage.rss();
	},
});
