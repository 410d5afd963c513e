/** Milliseconds that one size of one shape may take at least to be measured, in all its runs together. */
const ENOUGH = 25;
const FEWEST_RUNS = 4;
const MOST_RUNS = 200;

/**
 * Milliseconds of CPU of one call: the least of several, because whatever disturbs only ever adds. All threads of the
 * process count, so garbage collection does too.
 *
 * @param {() => Promise<void>} call
 */
export async function costOf(call) {
	let least = Number.POSITIVE_INFINITY;
	let total = 0;
	for (let run = 0; run < MOST_RUNS && (run < FEWEST_RUNS || total < ENOUGH); run++) {
		const before = process.cpuUsage();
		await call();
		const { user, system } = process.cpuUsage(before);
		const cost = (user + system) / 1000;
		least = Math.min(least, cost);
		total += cost;
	}
	return least;
}
