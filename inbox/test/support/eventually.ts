import { setTimeout as pause } from 'node:timers/promises';

/**
 * Polls until a condition holds.
 *
 * @param what - completes "waited for ...", in the message of the error
 * @param within - milliseconds
 * @throws Error when the time is over, with the last thing that was thrown as its cause
 */
export async function eventually(what: string, condition: () => Promise<boolean> | boolean, within = 30_000) {
	const end = performance.now() + within;
	let cause: unknown;
	while (performance.now() < end) {
		try {
			if (await condition()) return;
		} catch (error) {
			cause = error;
		}
		await pause(25);
	}
	throw new Error(`waited for ${what}, in vain for ${within} ms`, { cause });
}
