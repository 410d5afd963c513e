import type { Server } from 'node:http';

/** Milliseconds for reports that are being handled: the body's time and the handler's time of the middleware. */
const LONGEST = 20_000;
/** Milliseconds for the database, once the last report is answered. */
const LONGEST_FOR_DATABASE = 5000;
/** Milliseconds within which a signal counts as the same one: a terminal and npm both pass Ctrl-C on. */
const SAME_SIGNAL = 500;

/**
 * Stops accepting and waits until every request that had been taken is answered.
 *
 * @returns false where some had to be cut off
 */
export async function closeServer(server: Server): Promise<boolean> {
	let complete = true;
	// a connection that was busy when the server closed is idle once its request is answered
	const idle = setInterval(() => server.closeIdleConnections(), 50);
	const limit = setTimeout(() => {
		complete = false;
		server.closeAllConnections();
	}, LONGEST);
	await new Promise((resolve) => server.close(resolve));
	clearInterval(idle);
	clearTimeout(limit);
	return complete;
}

/** Waits for the end of something that has to do with the database; `onTimeout` is called when that takes too long. */
export async function withinTime(finished: Promise<void>, onTimeout: () => void): Promise<void> {
	const limit = setTimeout(onTimeout, LONGEST_FOR_DATABASE);
	await finished;
	clearTimeout(limit);
}

/** Ends this process whatever its threads do: `process.exit` would wait for one that waits for a disk. */
export function killProcess(): void {
	process.kill(process.pid, 'SIGKILL');
}

/**
 * Calls `stop` at the first SIGINT or SIGTERM; the second ends the process at once.
 */
export function onStopSignal(stop: (signal: NodeJS.Signals) => void): void {
	let first: number | undefined;
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.on(signal, () => {
			if (first === undefined) {
				first = performance.now();
				stop(signal);
			} else if (performance.now() - first > SAME_SIGNAL) {
				killProcess();
			}
		});
	}
}
