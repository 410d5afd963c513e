import { setImmediate } from 'node:timers/promises';

/** Code that is still slow after this much CPU time is really slow: by then it is compiled, even on a busy machine. */
const MAX_TRYING_CPU_MS = 5000;
/** Cost of the reference on the machine that the budgets in milliseconds refer to. */
const REFERENCE_MS = 3;
const REFERENCE_BYTES = Buffer.alloc(1_000_000, '\n--bb');
const REFERENCE_TEXT = '<a b="'.repeat(20_000);

/** CPU milliseconds of this process, regardless of the load on the machine. */
function totalCpuMilliseconds(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
}

async function cpuMilliseconds(run: () => unknown): Promise<number> {
	const before = totalCpuMilliseconds();
	await run();
	return totalCpuMilliseconds() - before;
}

/** Work similar to reading a request: scans and copies bytes, and builds a text character by character. */
function reference(): number {
	let sum = 0;
	for (let i = 0; i < REFERENCE_BYTES.length; i++) if (REFERENCE_BYTES[i] === 0x2d) sum += i;
	let text = '';
	for (let i = 0; i < REFERENCE_TEXT.length; i++) text += REFERENCE_TEXT[i];
	const copy = Buffer.from(REFERENCE_BYTES.toString('latin1'), 'latin1');
	return sum + copy.length + Buffer.from(text).length;
}

// the first runs include compilation
for (let i = 0; i < 20; i++) reference();

/**
 * Measures the CPU milliseconds of a function, scaled to the machine that the budgets refer to: the reference runs
 * before and after it on this machine, under the same load. Returns the lowest of several tries, since the others
 * include compilation and garbage collection.
 *
 * @param budgetMs - stops after the first try below this
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
		await setImmediate(); // lets V8 install the code that its compiler thread has finished
	} while (best >= budgetMs && totalCpuMilliseconds() < end);
	return best;
}
