import type { DeliveryState } from 'mm7-delivery-reports';
import type { Database } from '../database.js';
import { type Span, spanFrom, spanStep } from './filters.js';

/** The number of messages by state. */
export type StateCounts = Readonly<Record<DeliveryState, number>>;

/** Statistics of a time span. A message counts in the hour of the report that determines its state. */
export interface Statistics {
	readonly span: Span;
	readonly total: number;
	readonly states: StateCounts;
	/** One entry per hour or day, oldest first, including empty ones. */
	readonly bars: readonly Bar[];
	/** The most frequent ones, in descending order. */
	readonly mmStatuses: readonly Share[];
	/** The most frequent ones, in descending order; null: no operator was reported. */
	readonly operators: readonly Share[];
}

/** An hour or a day, in UTC. */
export interface Bar {
	readonly from: Date;
	readonly to: Date;
	readonly states: StateCounts;
}

/** The number of messages with a value. */
export interface Share {
	readonly value: string | null;
	readonly count: number;
}

/** Reads the statistics. */
export type ReadStatistics = (span: Span, now?: Date) => Promise<Statistics>;

const MAX_SHARES = 15;
const HOUR_MS = 3_600_000;
const NONE: StateCounts = { delivered: 0, failed: 0, pending: 0, unknown: 0 };

/** Creates the queries, which read the counters and never the messages. */
export function readStatistics(database: Database): ReadStatistics {
	function shares(column: 'mm_status' | 'operator_id', hour: number): Promise<Share[]> {
		return database.query<Share>(
			`SELECT nullif(${column}, '') AS "value", CAST(sum(changed) AS integer) AS "count" FROM counters WHERE hour >= $1
			GROUP BY ${column} HAVING sum(changed) > 0 ORDER BY sum(changed) DESC, ${column} LIMIT ${MAX_SHARES}`,
			[hour],
		);
	}

	return async function statistics(span, now = new Date()) {
		const from = spanFrom(span, now);
		const step = spanStep(span);
		const first = from.getTime() / HOUR_MS;
		const bar = `hour / ${step / HOUR_MS}`;
		const [counts, mmStatuses, operators] = await Promise.all([
			database.query<{ bar: number; state: DeliveryState; count: number }>(
				`SELECT ${bar} AS "bar", state AS "state", CAST(sum(changed) AS integer) AS "count"
				FROM counters WHERE hour >= $1 GROUP BY ${bar}, state`,
				[first],
			),
			shares('mm_status', first),
			shares('operator_id', first),
		]);

		const bars: Bar[] = [];
		for (let start = from.getTime(); start <= now.getTime(); start += step) {
			const states = { ...NONE };
			for (const { bar, state, count } of counts) if (bar * step === start) states[state] = count;
			bars.push({ from: new Date(start), to: new Date(start + step), states });
		}
		const states = { ...NONE };
		for (const { state, count } of counts) states[state] += count;
		const total = Object.values(states).reduce((sum, count) => sum + count, 0);
		return { span, total, states, bars, mmStatuses, operators };
	};
}
