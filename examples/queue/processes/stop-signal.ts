/** Set by `npm start` for the processes that it runs. */
export const SUPERVISED = 'MM7_SUPERVISED';

/**
 * Calls `stop` once when the process is to end: on SIGTERM; on Ctrl-C where it runs alone; and, where `npm start` runs
 * it, when that is gone. Ctrl-C reaches all processes of a terminal at once, but they have to stop in their order.
 */
export function onStop(stop: () => Promise<void>): void {
	let isStopping = false;
	const once = () => {
		if (isStopping) return;
		isStopping = true;
		stop().catch((error) => {
			console.error(error);
			process.exitCode = 1;
		});
	};
	process.on('SIGTERM', once);
	if (process.env[SUPERVISED] === undefined) {
		process.on('SIGINT', once);
	} else {
		process.on('SIGINT', () => {});
		process.on('disconnect', once);
	}
}
