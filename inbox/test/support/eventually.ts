import { setTimeout as delay } from 'node:timers/promises';

const POLL_DELAY_MS = 25;

/**
 * Polls until a condition holds.
 *
 * @param what - completes "waited in vain for …" in the error message
 * @throws Error on timeout; its cause is the last error of the condition
 */
export async function eventually(what: string, condition: () => Promise<boolean> | boolean, timeoutMs = 30_000) {
	const end = performance.now() + timeoutMs;
	let cause: unknown;
	while (performance.now() < end) {
		try {
			if (await condition()) return;
		} catch (error) {
			cause = error;
		}
		await delay(POLL_DELAY_MS);
	}
	throw new Error(`waited in vain for ${what}, for ${timeoutMs} ms`, { cause });
}
