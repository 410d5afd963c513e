import type { DeliveryState } from 'mm7-delivery-reports';
import type { Database } from '../database.js';
import { type Span, spanFrom, spanStep } from './filters.js';

/** Numbers of messages by state. */
export type StateCounts = Readonly<Record<DeliveryState, number>>;

/** What became of the messages of a span; a message counts where it came to its state. */
export interface Statistics {
	readonly span: Span;
	readonly total: number;
	readonly states: StateCounts;
	/** One for each hour or day, oldest first, also where there is nothing. */
	readonly bars: readonly Bar[];
	/** The most frequent, most first. */
	readonly mmStatuses: readonly Share[];
	/** The same; null: the report named no operator. */
	readonly operators: readonly Share[];
}

/** An hour, or a day, in UTC. */
export interface Bar {
	readonly from: Date;
	readonly to: Date;
	readonly states: StateCounts;
}

/** How many messages have a value. */
export interface Share {
	readonly value: string | null;
	readonly count: number;
}

/** Reads the statistics. */
export type ReadStatistics = (span: Span, now?: Date) => Promise<Statistics>;

const MOST_SHARES = 15;
const NONE: StateCounts = { delivered: 0, failed: 0, pending: 0, unknown: 0 };

/** Makes the queries. */
export function readStatistics(database: Database): ReadStatistics {
	function shares(column: 'mm_status' | 'operator_id', from: Date): Promise<Share[]> {
		return database.query<Share>(
			`SELECT ${column} AS "value", CAST(count(*) AS integer) AS "count" FROM messages WHERE received_at >= $1
			GROUP BY ${column} ORDER BY count(*) DESC, ${column} LIMIT ${MOST_SHARES}`,
			[from],
		);
	}

	return async function statistics(span, now = new Date()) {
		const from = spanFrom(span, now);
		const step = spanStep(span);
		const bar = `${database.dialect.epochSeconds('received_at')} / ${step / 1000}`;
		const [counts, mmStatuses, operators] = await Promise.all([
			database.query<{ bar: number | string; state: DeliveryState; count: number }>(
				`SELECT ${bar} AS "bar", state AS "state", CAST(count(*) AS integer) AS "count"
				FROM messages WHERE received_at >= $1 GROUP BY ${bar}, state`,
				[from],
			),
			shares('mm_status', from),
			shares('operator_id', from),
		]);

		const bars: Bar[] = [];
		for (let start = from.getTime(); start <= now.getTime(); start += step) {
			const states = { ...NONE };
			for (const { bar, state, count } of counts) if (Number(bar) * step === start) states[state] = count;
			bars.push({ from: new Date(start), to: new Date(start + step), states });
		}
		const states = { ...NONE };
		for (const { state, count } of counts) states[state] += count;
		const total = Object.values(states).reduce((sum, count) => sum + count, 0);
		return { span, total, states, bars, mmStatuses, operators };
	};
}
