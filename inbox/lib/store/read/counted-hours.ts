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

/** Selects the counters of a range: those of whole days and, before and after them, those of hours. */
export function countersOf(table: string, { first = 0, end = MAX_HOUR }: Hours, parameters: Parameters): string {
	const start = Math.max(0, first);
	const firstDay = Math.ceil(start / 24);
	const endDay = Math.max(firstDay, Math.floor(end / 24));
	return [
		[start, Math.min(end, firstDay * 24) - 1],
		[-endDay, -1 - firstDay],
		[Math.max(start, endDay * 24), end - 1],
	]
		.map((hours) => hours.map((hour) => parameters.add(hour)).join(' AND '))
		.map((range) => `SELECT * FROM ${table} WHERE hour BETWEEN ${range}`)
		.join(' UNION ALL ');
}
