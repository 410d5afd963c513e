import { COUNTED_UNITS, type CountedUnit } from '../counters.js';
import type { Parameters } from './conditions.js';

/** The maximum of an integer in both databases. */
export const MAX_HOUR = 2 ** 31 - 1;

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
	const rows = ranges.flatMap(({ first = 0, end = MAX_HOUR }, place) =>
		counted(Math.max(0, first), end).map((values) => {
			const row = [place, ...values].map((value) => `CAST(${parameters.add(value)} AS integer)`);
			return `(${row.join(', ')})`;
		}),
	);
	// VALUES needs a row even if all ranges are empty; this one matches no counters
	return `WITH ranges (place, first, last) AS (VALUES ${['(0, 1, 0)', ...rows].join(', ')})`;
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
