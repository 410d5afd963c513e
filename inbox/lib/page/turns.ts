import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';

let last = Promise.resolve();

/**
 * Waits for the turn of a page. What follows at once is done before another page has its turn, and then for as long again
 * no page is made: so however many are asked for at a time, a report waits for one of them.
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
