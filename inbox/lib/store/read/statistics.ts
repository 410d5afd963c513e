import { DELIVERY_SECONDS } from '../counters.js';
import type { Database } from '../database.js';
import type { MessageState } from '../report-row.js';
import { Parameters } from './conditions.js';
import { countersOf, type Hours, rangesOf } from './counted-hours.js';
import { STATES } from './filters.js';
import { type Bar, barsOf, HOUR_MS, type StatisticsRange } from './statistics-range.js';

/** The number of messages by state. */
export type StateCounts = Readonly<Record<MessageState, number>>;

/** A number of messages and their states. */
export interface Counts {
	readonly total: number;
	readonly states: StateCounts;
	/** Delivered messages per message whose outcome is known, from 0 to 1; null if there is none. */
	readonly deliveryRate: number | null;
}

/**
 * Statistics of a time range. A message counts in the hour of its submission or, if that is unknown, of its first
 * report, so the total of an hour in the past only changes when messages are deleted.
 */
export interface Statistics extends Counts {
	readonly range: StatisticsRange;
	/** One entry per step, oldest first, including empty ones. */
	readonly bars: readonly (Bar & Counts)[];
	/** The same counts for the range of the same length before this one. */
	readonly before: Counts & { readonly deliveryTimes: DeliveryTimes | null };
	/** Null if no delivered message has a certain submission time. */
	readonly deliveryTimes: DeliveryTimes | null;
	/** The most frequent ones, in descending order, and the same for the next three; null: not reported. */
	readonly mmStatuses: readonly Share[];
	readonly operators: readonly Share[];
	readonly senders: readonly Share[];
	readonly providers: readonly Share[];
	/** The most frequent ones, in descending order. */
	readonly failures: readonly FailureReason[];
}

/** The messages with a value. */
export interface Share extends Counts {
	readonly value: string | null;
}

/** The failed messages with an MMStatus and a StatusText, in which ids and phone numbers are replaced by `…`. */
export interface FailureReason {
	readonly mmStatus: string;
	/** Empty if the reports had no StatusText. */
	readonly statusText: string;
	readonly count: number;
}

/** The time from submission to the report of the delivery, of messages whose submission time is certain. */
export interface DeliveryTimes {
	readonly count: number;
	/** In seconds, rounded up to a bucket of the counters. */
	readonly p50: number;
	readonly p90: number;
	readonly p99: number;
	/** Shares from 0 to 1. */
	readonly within1Minute: number;
	readonly within5Minutes: number;
	readonly within10Minutes: number;
}

/** Reads the statistics. */
export type ReadStatistics = (range: StatisticsRange, now?: Date) => Promise<Statistics>;

const MAX_SHARES = 15;

/** Creates the queries, which read the counters and never the messages. */
export function readStatistics(database: Database): ReadStatistics {
	const sumOfState = (state: MessageState) => `coalesce(sum(started) FILTER (WHERE state = '${state}'), 0)`;
	const sums = STATES.map((state) => `CAST(${sumOfState(state)} AS integer) AS "${state}"`).join(', ');

	/** Runs a query of the messages that started in a range. */
	function query<Row extends object>(table: string, hours: Hours, sql: (cells: string) => string): Promise<Row[]> {
		const parameters = new Parameters();
		const cells = `(${countersOf(table, hours, parameters)}) AS cell WHERE started <> 0`;
		return database.query<Row>(sql(cells), parameters.values);
	}

	/** Counts by the values of columns and by state, which is faster than a sum for each state. */
	function count<Column extends string>(table: string, columns: readonly Column[], hours: Hours) {
		const names = [...columns, 'state'].join(', ');
		return query<StateCount & Readonly<Record<Column, string>>>(
			table,
			hours,
			(cells) => `SELECT ${names}, CAST(sum(started) AS integer) AS "count" FROM ${cells} GROUP BY ${names}`,
		);
	}

	/**
	 * Counts by state, with the index of the bar; a bar can have several rows. Their sums are one text, because a join of
	 * the ranges with the counters would be sorted to group it, which takes almost twice as long in SQLite.
	 */
	async function countBars(bars: readonly Bar[]): Promise<(StateCounts & { readonly place: number })[]> {
		const parameters = new Parameters();
		const ranges = rangesOf(
			bars.map(({ from, to }) => hoursOf(from, to)),
			parameters,
		);
		const texts = STATES.map((state) => `CAST(${sumOfState(state)} AS text)`).join(` || ' ' || `);
		const rows = await database.query<{ place: number; sums: string }>(
			`${ranges} SELECT place AS "place",
				(SELECT ${texts} FROM counters WHERE hour BETWEEN first AND last) AS "sums" FROM ranges`,
			parameters.values,
		);
		return rows.map(({ place, sums }) => {
			const counts = sums.split(' ').map(Number);
			return { place, ...byState((_, index) => counts[index] ?? 0) };
		});
	}

	async function deliveryTimes(hours: Hours): Promise<DeliveryTimes | null> {
		const buckets = await query<{ seconds: number; count: number }>(
			'delivery_times',
			hours,
			(cells) => `SELECT seconds, CAST(sum(started) AS integer) AS "count" FROM ${cells} GROUP BY seconds`,
		);
		const counts = new Map(buckets.map(({ seconds, count }) => [seconds, count]));
		const within = (limit: number) =>
			DELIVERY_SECONDS.reduce((sum, bound) => sum + (bound <= limit ? (counts.get(bound) ?? 0) : 0), 0);
		const total = within(Number.POSITIVE_INFINITY);
		if (total === 0) return null;
		const percentile = (share: number) => DELIVERY_SECONDS.find((bound) => within(bound) >= share * total) ?? 0;
		return {
			count: total,
			...{ p50: percentile(0.5), p90: percentile(0.9), p99: percentile(0.99) },
			within1Minute: within(60) / total,
			within5Minutes: within(300) / total,
			within10Minutes: within(600) / total,
		};
	}

	function failures(hours: Hours): Promise<FailureReason[]> {
		return query<FailureReason>(
			'failure_counters',
			hours,
			(cells) => `SELECT mm_status AS "mmStatus", reason AS "statusText", CAST(sum(started) AS integer) AS "count"
				FROM ${cells} GROUP BY mm_status, reason
				ORDER BY sum(started) DESC, mm_status, reason LIMIT ${MAX_SHARES}`,
		);
	}

	return async function statistics(range, now = new Date()) {
		const bars = barsOf(range, now);
		const hours = hoursOf(range.from, range.to);
		const beforeFrom = new Date(2 * range.from.getTime() - range.to.getTime());
		const beforeHours = hoursOf(beforeFrom, range.from);
		const [byBar, combinations, senders, times, reasons, before, timesBefore] = await Promise.all([
			countBars(bars),
			count('counters', ['provider', 'operator_id', 'mm_status'], hours),
			count('sender_counters', ['sender'], hours),
			deliveryTimes(hours),
			failures(hours),
			query<StateCounts>('counters', beforeHours, (cells) => `SELECT ${sums} FROM ${cells}`),
			deliveryTimes(beforeHours),
		]);
		const shares = (column: 'provider' | 'operator_id' | 'mm_status') =>
			sharesOf(combinations.map((row) => [row[column], row]));
		return {
			range,
			...sumOf(byBar),
			bars: bars.map((bar, index) => ({ ...bar, ...sumOf(byBar.filter(({ place }) => place === index)) })),
			before: { ...sumOf(before), deliveryTimes: timesBefore },
			deliveryTimes: times,
			mmStatuses: shares('mm_status'),
			operators: shares('operator_id'),
			senders: sharesOf(senders.map((row) => [row.sender, row])),
			providers: shares('provider'),
			failures: reasons,
		};
	};
}

function hoursOf(from: Date, to: Date) {
	return { first: from.getTime() / HOUR_MS, end: to.getTime() / HOUR_MS };
}

function sumOf(rows: readonly StateCounts[]): Counts {
	const states = byState((state) => rows.reduce((sum, row) => sum + row[state], 0));
	const total = STATES.reduce((sum, state) => sum + states[state], 0);
	const settled = total - states.pending - states.submitted;
	return { total, states, deliveryRate: settled === 0 ? null : states.delivered / settled };
}

/** A number of messages in a state. */
interface StateCount {
	readonly state: MessageState;
	readonly count: number;
}

const NONE = byState(() => 0);

function byState(count: (state: MessageState, index: number) => number): StateCounts {
	return Object.fromEntries(STATES.map((state, index) => [state, count(state, index)])) as StateCounts;
}

/** Adds up the counts of each value. */
function sharesOf(rows: readonly (readonly [value: string, counted: StateCount])[]): Share[] {
	const byValue = new Map<string, StateCounts>();
	for (const [value, { state, count }] of rows) {
		const counts = byValue.get(value) ?? NONE;
		byValue.set(value, { ...counts, [state]: counts[state] + count });
	}
	return Array.from(byValue, ([value, counts]) => ({ value: value === '' ? null : value, ...sumOf([counts]) }))
		.sort((one, other) => other.total - one.total || (one.value ?? '').localeCompare(other.value ?? ''))
		.slice(0, MAX_SHARES);
}
