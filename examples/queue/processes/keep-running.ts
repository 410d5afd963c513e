import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { OUTPUT_CLOSED } from '../lib/log.js';
import { HOPELESS } from './fail.js';
import { STOP_TIMEOUT } from './stop-signal.js';

/** Processes of one kind. */
export interface Processes {
	/** Tells all to stop; resolves when they have. */
	stop(): Promise<void>;
}

/** Milliseconds beyond its own time after which a process that does not stop is killed. */
const GRACE = 3_000;

/** One that ends sooner than this many milliseconds after its start is taken for broken. */
const SHORT_LIFE = 3_000;

/** So many short lives in a row, and starting it again is given up. */
const SHORT_LIVES = 3;

/** Milliseconds until a process that lived for a short time only is started again. */
const PAUSE = 500;

/**
 * Keeps a number of processes running: each that ends is started again, unless that is of no use.
 *
 * @param name - for the log
 * @param onBroken - called, with what a person has to be told, when they cannot be kept running; it has to call `stop`
 */
export function keepRunning(
	name: string,
	count: number,
	start: () => ChildProcess,
	onBroken: (error: Error | undefined) => void,
	log: Logger,
): Processes {
	const running = new Set<ChildProcess>();
	let isStopping = false;

	function run(shortLives: number) {
		const child = start();
		const born = performance.now();
		running.add(child);
		child.on('error', (error) => {
			// without an id it was never started, and will not exit
			if (child.pid === undefined) running.delete(child);
			onBroken(error);
		});
		child.once('exit', async (code, signal) => {
			running.delete(child);
			if (isStopping) return;
			// it has said why, or nobody is there to be told
			if (code === HOPELESS || code === OUTPUT_CLOSED) return onBroken(undefined);
			const lives = performance.now() - born < SHORT_LIFE ? shortLives + 1 : 0;
			log.warn({ ended: name, endedPid: child.pid, code, signal }, 'a process ended');
			if (lives >= SHORT_LIVES) return onBroken(new Error(`${name} does not stay up; its last lines say why`));
			if (lives > 0) await pause(PAUSE);
			if (!isStopping) run(lives);
		});
	}

	async function end(child: ChildProcess) {
		const ended = new Promise((resolve) => child.once('exit', resolve));
		child.kill('SIGTERM');
		const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT + GRACE);
		await ended;
		clearTimeout(timer);
	}

	for (let index = 0; index < count; index += 1) run(0);
	return {
		async stop() {
			isStopping = true;
			await Promise.all([...running].map(end));
		},
	};
}
