import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';

let last = Promise.resolve();

/**
 * Waits for this page's turn. The synchronous work that follows finishes before the next page's turn, which comes only
 * after a pause of the same length. However many pages are requested at once, a report waits for at most one of them.
 */
export function ownTurn(): Promise<void> {
	const own = last;
	last = own.then(async () => {
		const start = performance.now();
		await turn();
		await pause(performance.now() - start);
	});
	return own;
}
