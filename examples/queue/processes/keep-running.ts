import type { ChildProcess } from 'node:child_process';

/** Processes of one kind. */
export interface Processes {
	/** Tells all to stop; resolves when they have. */
	stop(): Promise<void>;
}

/** Milliseconds after which a process that does not stop is killed; a provider waits 10 seconds for its answer. */
const STOP_TIMEOUT = 15_000;

/** One that ends sooner than this many milliseconds after its start is taken for broken. */
const SHORT_LIFE = 3_000;

/** So many short lives in a row, and starting it again is given up. */
const SHORT_LIVES = 3;

/** Milliseconds until a process that lived for a short time only is started again. */
const PAUSE = 500;

/**
 * Keeps a number of processes running: each that ends is started again.
 *
 * @param name - for what is printed
 * @param onBroken - called when they cannot be started, or end as soon as they are; it has to call `stop`
 */
export function keepRunning(
	name: string,
	count: number,
	start: () => ChildProcess,
	onBroken: (error: Error) => void,
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
		child.once('exit', (code, signal) => {
			running.delete(child);
			if (isStopping) return;
			const lives = performance.now() - born < SHORT_LIFE ? shortLives + 1 : 0;
			console.error(`${name} ${child.pid} ended (${signal ?? `exit code ${code}`})`);
			if (lives >= SHORT_LIVES) onBroken(new Error(`${name} does not stay up`));
			else setTimeout(() => isStopping || run(lives), lives > 0 ? PAUSE : 0);
		});
	}

	async function end(child: ChildProcess) {
		const ended = new Promise((resolve) => child.once('exit', resolve));
		child.kill('SIGTERM');
		const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT);
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
