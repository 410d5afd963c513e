import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { caller } from './calls.js';

export const SERVER_CPU = 0;
const LOAD_CPU = 1;

/** Whether processes can be tied to a CPU each: two CPUs, and the command `taskset` of util-linux. */
export const PINNED =
	availableParallelism() >= 2 && spawnSync('taskset', ['-c', `${SERVER_CPU},${LOAD_CPU}`, 'true']).status === 0;

/** @typedef {{ call: ReturnType<typeof caller>, stop: () => void }} Process */

/** Starts a process for one server. */
export function serverProcess() {
	return start('server-process.js', SERVER_CPU, ['--expose-gc']);
}

/** Starts the load generator. */
export function loadProcess() {
	return start('load-process.js', LOAD_CPU, []);
}

/**
 * @param {string} script
 * @param {number} cpu
 * @param {string[]} nodeOptions
 * @returns {Process}
 */
function start(script, cpu, nodeOptions) {
	const node = [process.execPath, ...nodeOptions, fileURLToPath(new URL(script, import.meta.url))];
	const [command = '', ...args] = PINNED ? ['taskset', '-c', String(cpu), ...node] : node;
	const child = spawn(command, args, {
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
		// as in production: Express keeps less of an error, and caches its views
		env: { ...process.env, NODE_ENV: 'production' },
	});
	return { call: caller(child), stop: () => child.disconnect() };
}
