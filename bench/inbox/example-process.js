import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PINNED, SERVER_CPU } from '../http/processes.js';

/** Clock ticks of /proc in a second, and bytes of its pages. */
const TICKS = 100;
const PAGE = 4096;

/**
 * An example as its users start it.
 *
 * @typedef {object} ExampleProcess
 * @property {number} port
 * @property {number} startTime - milliseconds from its start until it took a connection
 * @property {() => number} cpu - microseconds so far, of all its threads
 * @property {() => number} memory - bytes
 * @property {() => Promise<void>} stop
 */

/**
 * Starts an example and waits until it listens. What it prints goes nowhere.
 *
 * @param {string} name - its folder
 * @param {string[]} args - of Node.js, such as the script in that folder
 * @param {number} port
 * @param {Record<string, string>} env
 * @param {string} checkout - of this repository
 * @returns {Promise<ExampleProcess>}
 */
export async function startServer(name, args, port, env, checkout = fileURLToPath(new URL('../..', import.meta.url))) {
	const cwd = join(checkout, name);
	const node = [process.execPath, ...args];
	const [command = '', ...rest] = PINNED ? ['taskset', '-c', String(SERVER_CPU), ...node] : node;
	const start = performance.now();
	const child = spawn(command, rest, {
		cwd,
		env: { ...process.env, NODE_ENV: 'production', PORT: String(port), ...env },
		stdio: ['ignore', 'ignore', 'inherit'],
	});
	const exited = once(child, 'exit');
	await Promise.race([
		listens(port),
		exited.then(() => {
			throw new Error(`${name} ended`);
		}),
	]);
	const read = (/** @type {string} */ file) => readFileSync(`/proc/${child.pid}/${file}`, 'latin1');
	return {
		port,
		startTime: performance.now() - start,
		cpu() {
			// behind the name, which may hold blanks: user time is the 12th, system time the 13th
			const fields = read('stat')
				.replace(/^.*\) /, '')
				.split(' ');
			return ((Number(fields[11]) + Number(fields[12])) / TICKS) * 1e6;
		},
		memory: () => Number(read('statm').split(' ')[1]) * PAGE,
		async stop() {
			child.kill('SIGTERM');
			await exited;
		},
	};
}

/** @param {number} port */
async function listens(port) {
	for (;;) {
		const socket = connect(port, '127.0.0.1');
		const connected = await once(socket, 'connect').then(
			() => true,
			() => false,
		);
		socket.destroy();
		if (connected) return;
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}
