import type { DeliveryState } from 'mm7-delivery-reports';
import { type Database, DatabaseError, type Statement } from '../database.js';
import { searchKeyOf } from '../search-key.js';
import { type ColumnFilters, Parameters, type TimeRange, where } from './conditions.js';
import { type Cursor, type Filters, timeRange } from './filters.js';
import { toDate } from './to-date.js';

/** A message as the list shows it: with the report that says its state. Long texts are cut. */
export interface ListedMessage extends Cursor {
	/** Of the message, for its page. */
	readonly key: string;
	/** Of the report; a text, for it may outgrow a JavaScript number. */
	readonly reportId: string;
	/** When the report arrived. */
	readonly at: Date;
	readonly state: DeliveryState;
	readonly mmStatus: string;
	readonly messageId: string;
	readonly recipient: string;
	readonly sender: string | null;
	readonly operator: string | null;
	readonly statusText: string | null;
	readonly transactionId: string;
}

/** A number of messages; `more`: there are more than that. */
export interface Count {
	readonly count: number;
	readonly more: boolean;
}

/** What is asked for. */
export interface MessageSearch {
	readonly filters: Filters;
	/** Only what comes after this in the list. */
	readonly before?: Cursor | undefined;
	/** Only what arrived at this moment or later. */
	readonly since?: Date | undefined;
}

/** Finds messages; those come first whose state changed last. */
export interface FindMessages {
	/** @throws DatabaseError that is `slow` if what is found is too far apart */
	find(search: MessageSearch, limit: number): Promise<ListedMessage[]>;
	count(filters: Filters): Promise<Count>;
}

/** A text with fewer hits is looked up by its ends; one with more is found sooner on the way through all messages. */
const MAX_LOOKED_UP = 20_000;
/** After so many stretches of the way, a text with fewer hits than this is looked up by its ends all the same. */
const MAX_WALKED = 2;
const MAX_SORTED = 1_000_000;
/** Senders that a text may be the end of. Beyond them it is treated as one with many hits. */
const MAX_SENDERS = 100;
/** Senders that are compared with a text. */
const MAX_COMPARED_SENDERS = 5_000;
/** The most messages that one statement passes on the way, unless they are of one hour. */
const MAX_PASSED = 50_000;
/** Hours that are read from the counters at a time. */
const HOURS_AT_A_TIME = 200;
/** Milliseconds for the whole way. */
const SEARCH_LIMIT_MS = 10_000;
/** The same where only a number is wanted. */
const COUNT_LIMIT_MS = 200;
const MAX_TEXT_LENGTH = 200;
const HOUR_MS = 3_600_000;

const PLACE = 'received_at, report_id';
const ORDER = 'ORDER BY received_at DESC, report_id DESC';
/** The same for what is found by another index; the databases do not see that they could walk by time instead. */
const SORT = 'ORDER BY substr(key, 1, 0), received_at DESC, report_id DESC';

/** What a text may be. */
interface Ends {
	readonly text: string;
	/** Whole senders. */
	readonly senders: readonly string[];
	/** Whether few messages have one of the ends of the text. */
	readonly isRare: boolean;
}

/** An hour of the counters: how many messages of it pass the filters, and how many there are. */
interface Hour {
	readonly hour: number;
	readonly hits: number;
	readonly passed: number;
}

/** Makes the queries. */
export function findMessages(database: Database): FindMessages {
	async function endsOf(text: string): Promise<Ends | undefined> {
		if (text === '') return undefined;
		const [isRare, senders] = await Promise.all([isBelow(text, MAX_LOOKED_UP), sendersWith(text)]);
		return { text, senders, isRare: isRare && senders.length <= MAX_SENDERS };
	}

	/** Whether a text is an end of few ids and numbers. */
	async function isBelow(text: string, limit: number): Promise<boolean> {
		const parameters = new Parameters();
		// the order makes PostgreSQL read the index, and not the whole table until it has enough
		const counts = parameters.ends(text).map(
			({ key, condition }) => `(SELECT count(*) FROM (
				SELECT ${key} AS found FROM messages WHERE ${condition} ORDER BY ${key} LIMIT ${limit}
			) AS found)`,
		);
		const sql = `SELECT CAST(${['0', ...counts].join(' + ')} AS integer) AS count`;
		const [row] = await database.search<{ count: number }>(sql, parameters.values);
		return (row?.count ?? 0) < limit;
	}

	/** The senders that begin or end with a text: one look into the index for each sender. */
	async function sendersWith(text: string): Promise<string[]> {
		const key = searchKeyOf(text);
		if (key === '') return [];
		const rows = await database.search<{ sender: string }>(SENDERS_SQL);
		return rows.map(({ sender }) => sender).filter((sender) => sender.startsWith(key) || sender.endsWith(key));
	}

	/** The places of the messages that one index or another finds for a text. IS TRUE keeps other indexes out of it. */
	function lookUp(
		{ text, senders }: Ends,
		filters: ColumnFilters,
		range: TimeRange,
		limit: number,
	): Required<Statement> {
		const parameters = new Parameters();
		const [columns, times] = [parameters.columns(filters), parameters.range(range)];
		const afterwards = (conditions: readonly string[]) => conditions.map((condition) => `(${condition}) IS TRUE`);
		const branch = (conditions: readonly string[], order: string) =>
			`SELECT * FROM (SELECT ${PLACE} FROM messages ${where(conditions)} ${order} LIMIT ${limit}) AS found`;
		const branches = [
			...parameters.ends(text).map(({ condition }) => branch([condition, ...afterwards([...columns, ...times])], SORT)),
			...senders.map((sender) => branch([`sender = ${parameters.add(sender)}`, ...times, ...columns], ORDER)),
		];
		// UNION leaves out what is found by two ends
		const all = branches.length > 0 ? branches.join(' UNION ') : `SELECT ${PLACE} FROM messages WHERE false`;
		return { sql: `${all} ${ORDER} LIMIT ${limit}`, values: parameters.values };
	}

	/**
	 * Walks through the hours in which the counters know of messages that pass the filters, newest first, some at a time:
	 * what is rare is found without passing all that is not.
	 */
	async function* stretches(filters: ColumnFilters, range: TimeRange, wanted: number): AsyncGenerator<TimeRange[]> {
		const newest = range.before?.at ?? range.to;
		let last = newest === undefined ? Number.MAX_SAFE_INTEGER : Math.floor(newest.getTime() / HOUR_MS);
		const first = range.from ? Math.floor(range.from.getTime() / HOUR_MS) : 0;
		while (true) {
			const parameters = new Parameters();
			const hits = parameters.columns(filters).join(' AND ') || 'true';
			const between = `hour BETWEEN ${parameters.add(first)} AND ${parameters.add(Math.min(last, MAX_HOUR))}`;
			const hours = await database.query<Hour>(
				`SELECT hour, CAST(sum(changed) FILTER (WHERE ${hits}) AS integer) AS hits,
					CAST(sum(changed) AS integer) AS passed
				FROM counters WHERE ${between} GROUP BY hour HAVING sum(changed) FILTER (WHERE ${hits}) > 0
				ORDER BY hour DESC LIMIT ${HOURS_AT_A_TIME}`,
				parameters.values,
			);
			let stretch: Hour[] = [];
			for (const hour of hours) {
				const sum = (name: 'hits' | 'passed') => stretch.reduce((total, one) => total + one[name], 0);
				// the first hour may lie outside of the range in part
				if (stretch.length > 1 && (sum('hits') >= wanted || sum('passed') + hour.passed > MAX_PASSED)) {
					yield toRanges(stretch, range);
					stretch = [];
				}
				stretch.push(hour);
			}
			if (stretch.length > 0) yield toRanges(stretch, range);
			if (hours.length < HOURS_AT_A_TIME) return;
			last = (hours.at(-1)?.hour ?? 0) - 1;
		}
	}

	/** The places of messages in stretches of the list. */
	function pass(
		filters: ColumnFilters,
		ends: Ends | undefined,
		ranges: TimeRange[],
		limit: number,
	): Required<Statement> {
		const parameters = new Parameters();
		const conditions = parameters.columns(filters);
		if (ends) {
			const senders = ends.senders.map((sender) => `sender = ${parameters.add(sender)}`);
			const any = [...parameters.ends(ends.text).map(({ condition }) => condition), ...senders].map(
				(one) => `(${one})`,
			);
			// IS TRUE keeps the databases from collecting all that is found by the ends, to sort it afterwards
			conditions.push(`(${any.join(' OR ')}) IS TRUE`);
		}
		const branches = ranges.map(
			(range) => `SELECT * FROM (SELECT ${PLACE} FROM messages
				${where([...parameters.range(range), ...conditions])} ${ORDER} LIMIT ${limit}) AS stretch`,
		);
		return { sql: `${branches.join(' UNION ALL ')} ${ORDER} LIMIT ${limit}`, values: parameters.values };
	}

	/** @param from - is read in addition to the time that the filters leave */
	function rangeOf({ filters, before, since }: MessageSearch): TimeRange {
		const { from, to } = timeRange(filters, new Date());
		return { from: since && (!from || since > from) ? since : from, to, before };
	}

	async function list({ sql, values }: Required<Statement>, read: Database['query']): Promise<ListedMessage[]> {
		const rows = await read<ListedMessage>(listSql(sql), values);
		return rows.map((row) => ({ ...row, at: toDate(row.at) }));
	}

	return {
		async find(search, limit) {
			const { filters } = search;
			const range = rangeOf(search);
			const { text, state, mmStatus, operator } = filters;
			if ([text, state, mmStatus, operator].every((filter) => !filter)) {
				return list(pass({}, undefined, [range], limit), database.query);
			}
			const ends = await endsOf(text);
			if (ends?.isRare) return list(lookUp(ends, filters, range, limit), database.search);
			const found: ListedMessage[] = [];
			const start = performance.now();
			let walked = 0;
			for await (const ranges of stretches(filters, range, ends ? Number.POSITIVE_INFINITY : limit)) {
				// what is frequent, but not lately
				if (ends && ++walked === MAX_WALKED && (await isBelow(ends.text, MAX_SORTED))) {
					return list(lookUp(ends, filters, range, limit), database.search);
				}
				if (performance.now() - start > SEARCH_LIMIT_MS) {
					throw new DatabaseError('the search takes too long', 'slow', 'SEARCH');
				}
				found.push(...(await list(pass(filters, ends, ranges, limit - found.length), database.search)));
				if (found.length >= limit) break;
			}
			return found;
		},
		async count(filters) {
			const range = rangeOf({ filters });
			const ends = await endsOf(filters.text);
			if (!ends) return { count: await countExactly(filters, range), more: false };
			if (ends.isRare) {
				const count = await countOf(lookUp(ends, filters, range, MAX_LOOKED_UP + 1));
				return { count: Math.min(count, MAX_LOOKED_UP), more: count > MAX_LOOKED_UP };
			}
			let count = 0;
			const start = performance.now();
			for await (const ranges of stretches(filters, range, Number.POSITIVE_INFINITY)) {
				if (count >= MAX_LOOKED_UP || performance.now() - start > COUNT_LIMIT_MS) return { count, more: true };
				count += await countOf(pass(filters, ends, ranges, MAX_LOOKED_UP));
			}
			return { count, more: false };
		},
	};

	async function countOf({ sql, values }: Required<Statement>): Promise<number> {
		const all = `SELECT CAST(count(*) AS integer) AS count FROM (${sql}) AS found`;
		const [row] = await database.search<{ count: number }>(all, values);
		return row?.count ?? 0;
	}

	/** Whole hours are in the counters, and the rest at either end is read. */
	async function countExactly(filters: ColumnFilters, { from, to }: TimeRange): Promise<number> {
		const first = from && Math.ceil(from.getTime() / HOUR_MS);
		const end = to && Math.floor(to.getTime() / HOUR_MS);
		const parts: TimeRange[] = [];
		if (first !== undefined && end !== undefined && first >= end) parts.push({ from, to });
		else {
			if (from && first !== undefined && first * HOUR_MS > from.getTime()) parts.push({ from, to: atHour(first) });
			if (to && end !== undefined && end * HOUR_MS < to.getTime()) parts.push({ from: atHour(end), to });
		}
		const parameters = new Parameters();
		const columns = parameters.columns(filters);
		const sums = parts.map(
			(part) => `(SELECT count(*) FROM messages ${where([...parameters.range(part), ...columns])})`,
		);
		const hours = [`hour >= ${parameters.add(first ?? 0)}`, `hour < ${parameters.add(end ?? MAX_HOUR)}`];
		sums.push(`(SELECT coalesce(sum(changed), 0) FROM counters ${where([...hours, ...columns])})`);
		const sql = `SELECT CAST(${sums.join(' + ')} AS integer) AS count`;
		const [row] = await database.search<{ count: number }>(sql, parameters.values);
		return row?.count ?? 0;
	}
}

/** Fits into an integer of either database. */
const MAX_HOUR = 2 ** 31 - 1;

/** Goes from one sender to the next in the index, instead of through all messages. */
const SENDERS_SQL = `
	WITH RECURSIVE found(sender, place) AS (
		SELECT min(sender), 1 FROM messages
		UNION ALL
		SELECT (SELECT min(messages.sender) FROM messages WHERE messages.sender > found.sender), place + 1
		FROM found WHERE sender IS NOT NULL AND place < ${MAX_COMPARED_SENDERS}
	)
	SELECT sender FROM found WHERE sender IS NOT NULL`;

function atHour(hour: number): Date {
	return new Date(hour * HOUR_MS);
}

/** Hours that follow each other are one range; `limits` cuts what is beyond. */
function toRanges(hours: readonly Hour[], limits: TimeRange): TimeRange[] {
	const ranges: { from: number; to: number }[] = [];
	for (const { hour } of hours) {
		const range = ranges.at(-1);
		if (range?.from === hour + 1) range.from = hour;
		else ranges.push({ from: hour, to: hour + 1 });
	}
	return ranges.map(({ from, to }) => ({
		from: limits.from && limits.from > atHour(from) ? limits.from : atHour(from),
		to: limits.to && limits.to < atHour(to) ? limits.to : atHour(to),
		before: limits.before,
	}));
}

/** @param places - of the messages to be listed */
function listSql(places: string): string {
	const cut = (column: string, name: string) => `substr(${column}, 1, ${MAX_TEXT_LENGTH}) AS "${name}"`;
	return `
		WITH place AS (${places})
		SELECT message.key AS "key", CAST(place.report_id AS text) AS "reportId", place.received_at AS "at",
			message.state AS "state", message.mm_status AS "mmStatus", message.operator_id AS "operator",
			${cut('message.message_id', 'messageId')},
			${cut(`coalesce(report.recipient ->> 'number', report.recipient ->> 'address')`, 'recipient')},
			${cut(`coalesce(report.sender ->> 'number', report.sender ->> 'address')`, 'sender')},
			${cut('report.status_text', 'statusText')},
			${cut('report.transaction_id', 'transactionId')}
		FROM place
		JOIN messages AS message ON message.received_at = place.received_at AND message.report_id = place.report_id
		JOIN reports AS report ON report.id = place.report_id
		ORDER BY place.received_at DESC, place.report_id DESC`;
}
