import { setImmediate } from 'node:timers/promises';

/** What is still slow after that much CPU is slow indeed: by then the compiler has had its turn, on a busy machine too. */
const MAX_TRYING_CPU_MS = 5000;
/** What the reference takes on the machine that a budget in milliseconds is meant for. */
const REFERENCE_MS = 2;
const REFERENCE_BYTES = Buffer.alloc(1_000_000, '\n--bb');
const REFERENCE_TEXT = '<a b="'.repeat(20_000);

/** CPU milliseconds of this process, whatever else the machine does. */
function totalCpuMilliseconds(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
}

async function cpuMilliseconds(run: () => unknown): Promise<number> {
	const before = totalCpuMilliseconds();
	await run();
	return totalCpuMilliseconds() - before;
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
 * The CPU milliseconds that something costs, on the machine that budgets are meant for. This machine, with all that it
 * does besides, is compared with that one by the reference, right before and after. The best of several tries counts,
 * since the others include the work of the compiler and the garbage collector.
 *
 * @param budgetMs - ends the tries as soon as one costs less
 */
export async function costOf(run: () => unknown, budgetMs: number): Promise<number> {
	let best = Number.POSITIVE_INFINITY;
	let before = await cpuMilliseconds(reference);
	const end = totalCpuMilliseconds() + MAX_TRYING_CPU_MS;
	do {
		const cost = await cpuMilliseconds(run);
		const after = await cpuMilliseconds(reference);
		best = Math.min(best, cost / Math.max(1, Math.min(before, after) / REFERENCE_MS));
		before = after;
		await setImmediate(); // adopts what the compiler's thread has finished
	} while (best >= budgetMs && totalCpuMilliseconds() < end);
	return best;
}
