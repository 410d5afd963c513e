import { setImmediate } from 'node:timers/promises';

/** Milliseconds after which what is still slow is slow indeed: on a busy machine the compiler's thread comes late. */
const LONGEST_TRYING = 5000;
/** What the reference takes on the machine that a budget in milliseconds is meant for. */
const REFERENCE_MS = 1.5;
const REFERENCE = Buffer.alloc(1_000_000, '\n--bb');

/** CPU milliseconds of this process while something runs: what else the machine does is not in them. */
async function cpuMilliseconds(run: () => unknown): Promise<number> {
	const before = process.cpuUsage();
	await run();
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1000;
}

/** The kind of work that reading a body is: over a megabyte, byte by byte. */
function reference(): number {
	let sum = 0;
	for (let i = 0; i < REFERENCE.length; i++) if (REFERENCE[i] === 0x2d) sum += i;
	return sum;
}

let bestReference = Number.POSITIVE_INFINITY;

/** How many times slower this machine is; only its best counts, so that no neighbour excuses anything. */
async function slowness(): Promise<number> {
	// the first runs are the compiler's
	const runs = bestReference === Number.POSITIVE_INFINITY ? 20 : 2;
	for (let i = 0; i < runs; i++) bestReference = Math.min(bestReference, await cpuMilliseconds(reference));
	return Math.max(1, bestReference / REFERENCE_MS);
}

/**
 * CPU milliseconds that something costs, on the machine that budgets are meant for; a slower one is held against the
 * reference. The best of several tries is what the code costs: the others are the work of the compiler, the garbage
 * collector and the neighbours.
 *
 * @param enough - milliseconds below which no more tries are made
 */
export async function costOf(run: () => unknown, enough: number): Promise<number> {
	let best = Number.POSITIVE_INFINITY;
	const end = performance.now() + LONGEST_TRYING;
	do {
		best = Math.min(best, (await cpuMilliseconds(run)) / (await slowness()));
		await setImmediate(); // what the compiler's thread has finished is taken over
	} while (best >= enough && performance.now() < end);
	return best;
}
