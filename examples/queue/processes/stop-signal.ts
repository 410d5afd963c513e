import { killProcess } from '../../../inbox/lib/stop.js';

/** Set by `npm start` for the processes that it runs. */
export const SUPERVISED = 'MM7_SUPERVISED';

/** Milliseconds after which a process that does not stop ends all the same; a provider waits 10,000 for its answer. */
export const STOP_TIMEOUT = 12_000;

/**
 * Calls `stop` once when the process is to end: on SIGTERM; on Ctrl-C where it runs alone; and, where `npm start` runs
 * it, when that is gone. Ctrl-C reaches all processes of a terminal at once, but they have to stop in their order.
 * When `stop` has resolved the process ends.
 */
export function onStop(stop: () => Promise<void>): void {
	let isStopping = false;
	const once = () => {
		if (isStopping) return;
		isStopping = true;
		setTimeout(killProcess, STOP_TIMEOUT).unref();
		stop().then(
			() => process.exit(),
			(error) => {
				console.error(error);
				process.exit(1);
			},
		);
	};
	process.on('SIGTERM', once);
	if (process.env[SUPERVISED] === undefined) {
		process.on('SIGINT', once);
	} else {
		process.on('SIGINT', () => {});
		process.on('disconnect', once);
	}
}
