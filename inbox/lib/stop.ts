import type { Server } from 'node:http';

/** Time for requests in progress: the middleware's `bodyTimeout` and `handlerTimeout` together. */
const CLOSE_TIMEOUT_MS = 20_000;
/** Node.js notices only when asked that a connection has become idle after `close`. */
const IDLE_CHECK_MS = 50;
/** Signals closer together count as one: a terminal and npm both forward Ctrl-C. */
const SAME_SIGNAL_MS = 500;

/**
 * Stops accepting connections and waits for a response to every request in progress.
 *
 * @returns false if some had to be cut off
 */
export async function closeServer(server: Server): Promise<boolean> {
	let complete = true;
	const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
	const limit = setTimeout(() => {
		complete = false;
		server.closeAllConnections();
	}, CLOSE_TIMEOUT_MS);
	await new Promise((resolve) => server.close(resolve));
	clearInterval(idle);
	clearTimeout(limit);
	return complete;
}

/** Ends this process whatever its threads do: `process.exit` would wait for a thread that waits for a disk. */
export function killProcess(): void {
	process.kill(process.pid, 'SIGKILL');
}

/** Calls `stop` at the first SIGINT or SIGTERM. The second one kills the process. */
export function onStopSignal(stop: (signal: NodeJS.Signals) => void): void {
	let first: number | undefined;
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.on(signal, () => {
			if (first === undefined) {
				first = performance.now();
				stop(signal);
			} else if (performance.now() - first > SAME_SIGNAL_MS) {
				killProcess();
			}
		});
	}
}
