import { setImmediate } from 'node:timers/promises';

/** A busy machine runs the compiler's thread late; what is still slow after that time is slow indeed. */
const MAX_TRYING_MS = 5000;
/** What the reference takes on the machine that a budget in milliseconds is meant for. */
const REFERENCE_MS = 2;
const REFERENCE_BYTES = Buffer.alloc(1_000_000, '\n--bb');
const REFERENCE_TEXT = '<a b="'.repeat(20_000);

/** CPU milliseconds of this process while something runs, whatever else the machine does. */
async function cpuMilliseconds(run: () => unknown): Promise<number> {
	const before = process.cpuUsage();
	await run();
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1000;
}

/** Work of the kind that reading a request is: a scan over bytes, and a text put together from its characters. */
function reference(): number {
	let sum = 0;
	for (let i = 0; i < REFERENCE_BYTES.length; i++) if (REFERENCE_BYTES[i] === 0x2d) sum += i;
	let text = '';
	for (let i = 0; i < REFERENCE_TEXT.length; i++) text += REFERENCE_TEXT[i];
	return sum + Buffer.from(text).length;
}

// the first runs are the compiler's
for (let i = 0; i < 20; i++) reference();

/**
 * The CPU milliseconds that something costs, on the machine that budgets are meant for: this one is compared with it by
 * the reference, which runs in turn with what is measured, so that neighbors slow down both. The best of several tries
 * counts, since the others include the work of the compiler and the garbage collector.
 *
 * @param budgetMs - ends the tries as soon as one costs less
 */
export async function costOf(run: () => unknown, budgetMs: number): Promise<number> {
	let best = Number.POSITIVE_INFINITY;
	let bestReference = Number.POSITIVE_INFINITY;
	let cost: number;
	const end = performance.now() + MAX_TRYING_MS;
	do {
		for (let i = 0; i < 3; i++) bestReference = Math.min(bestReference, await cpuMilliseconds(reference));
		best = Math.min(best, await cpuMilliseconds(run));
		cost = best / Math.max(1, bestReference / REFERENCE_MS);
		await setImmediate(); // adopts what the compiler's thread has finished
	} while (cost >= budgetMs && performance.now() < end);
	return cost;
}
