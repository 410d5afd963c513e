import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

export const SERVER_CPU = 0;
const LOAD_CPU = 1;

/** True if each process can have its own CPU, which needs two CPUs and the command `taskset` of util-linux. */
export const PINNED =
	availableParallelism() >= 2 && spawnSync('taskset', ['-c', `${SERVER_CPU},${LOAD_CPU}`, 'true']).status === 0;

/** @param {number} cpu @param {string[]} args - of Node.js @returns {[command: string, args: string[]]} */
export function pinned(cpu, args) {
	return PINNED ? ['taskset', ['-c', String(cpu), process.execPath, ...args]] : [process.execPath, args];
}

/** A process that runs functions on request, one at a time. */
export class Process {
	#child;

	/** @param {string} script @param {number} cpu @param {string[]} nodeOptions */
	constructor(script, cpu, nodeOptions = []) {
		const file = fileURLToPath(new URL(script, import.meta.url));
		this.#child = spawn(...pinned(cpu, [...nodeOptions, file]), {
			stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
			// as in production, where Express caches views and hides error details
			env: { ...process.env, NODE_ENV: 'production' },
		});
	}

	static load() {
		return new Process('load-process.js', LOAD_CPU);
	}

	static server() {
		return new Process('server-process.js', SERVER_CPU, ['--expose-gc']);
	}

	/** @param {string} name @param {unknown} [argument] @returns {Promise<any>} */
	async call(name, argument) {
		this.#child.send({ name, argument });
		const settled = new AbortController();
		const listening = ['message', 'exit'].map((event) => once(this.#child, event, { signal: settled.signal }));
		const [message] = await Promise.race(listening);
		settled.abort();
		await Promise.allSettled(listening);
		if (message?.error !== undefined || message === null || typeof message !== 'object') {
			throw new Error(message?.error ?? 'the process exited');
		}
		return message.value;
	}

	stop() {
		this.#child.disconnect();
	}
}

/**
 * The other side of `Process`: runs these functions until the parent exits.
 *
 * @param {Record<string, (argument: any) => unknown>} functions - by name
 */
export function serveCalls(functions) {
	process.on('message', async (/** @type {{ name: string, argument: unknown }} */ { name, argument }) => {
		try {
			process.send?.({ value: await functions[name]?.(argument) });
		} catch (error) {
			process.send?.({ error: String(error) });
		}
	});
	process.on('disconnect', () => process.exit());
}
