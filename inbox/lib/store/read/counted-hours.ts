import { COUNTED_UNITS, type CountedUnit } from '../counters.js';
import type { Parameters } from './conditions.js';

/** The maximum of an integer in both databases. */
export const MAX_HOUR = 2 ** 31 - 1;

/** At least as many as one range has. */
const MIN_ROWS = 8;

/** Whole hours since 1970, of UTC. */
export interface Hours {
	/** Inclusive. Default: unbounded. */
	readonly first?: number | undefined;
	/** Exclusive. Default: unbounded. */
	readonly end?: number | undefined;
}

/** Selects the counters of a range. */
export function countersOf(table: string, hours: Hours, parameters: Parameters): string {
	return `${rangesOf([hours], parameters)} SELECT ${table}.* FROM ranges JOIN ${table} ON hour BETWEEN first AND last`;
}

/**
 * A WITH clause for `ranges`: the first and last values of the column `hour` that make up each range, and the index of
 * the range in `place`.
 */
export function rangesOf(ranges: readonly Hours[], parameters: Parameters): string {
	const found = ranges.flatMap(({ first = 0, end = MAX_HOUR }, place) =>
		counted(Math.max(0, first), end).map((values) => [place, ...values]),
	);
	// few different numbers of rows, because the databases keep statements prepared; the added ones match no counters
	const size = Math.max(MIN_ROWS, 2 ** Math.ceil(Math.log2(found.length)));
	const rows = Array.from({ length: size }, (_, index) => {
		const row = (found[index] ?? [0, 1, 0]).map((value) => `CAST(${parameters.add(value)} AS integer)`);
		return `(${row.join(', ')})`;
	});
	return `WITH ranges (place, first, last) AS (VALUES ${rows.join(', ')})`;
}

/** The values of `hour` that make up a range, as few as possible. */
function counted(
	start: number,
	end: number,
	[unit, ...shorter]: readonly CountedUnit[] = COUNTED_UNITS,
): [first: number, last: number][] {
	if (unit === undefined || start >= end) return [];
	const [first, last] = [Math.ceil(start / unit.hours), Math.floor(end / unit.hours) - 1];
	if (first > last) return counted(start, end, shorter);
	return [
		[unit.first + first, unit.first + last],
		...counted(start, first * unit.hours, shorter),
		...counted((last + 1) * unit.hours, end, shorter),
	];
}
