import { type Database, DatabaseError, type Statement } from '../database.js';
import type { MessageState } from '../report-row.js';
import { searchKeyOf } from '../search-key.js';
import { type ColumnFilters, Parameters, type TimeRange, where } from './conditions.js';
import { type Cursor, type Filters, timeRange } from './filters.js';
import { toDate } from './to-date.js';

/** A message as listed, with the report that determines its state. Long texts are truncated. */
export interface ListedMessage extends Cursor {
	/** The message's key, which its page is found by. */
	readonly key: string;
	/** The report's id; a string, because it may exceed the safe integers of JavaScript. */
	readonly reportId: string;
	/** When the report arrived. */
	readonly at: Date;
	readonly state: MessageState;
	readonly mmStatus: string;
	readonly messageId: string;
	readonly recipient: string;
	readonly sender: string | null;
	readonly operator: string | null;
	readonly statusText: string | null;
	readonly transactionId: string;
}

/** A number of messages; `more` if there are more than `count`. */
export interface Count {
	readonly count: number;
	readonly more: boolean;
}

/** Search criteria. */
export interface MessageSearch {
	readonly filters: Filters;
	/** Only messages after this one in the list. */
	readonly before?: Cursor | undefined;
	/** Only messages whose report arrived at this time or later. */
	readonly since?: Date | undefined;
}

/** Finds messages, the most recent change of state first. */
export interface FindMessages {
	/** @throws DatabaseError that is `slow` if the matches are too far apart */
	find(search: MessageSearch, limit: number): Promise<ListedMessage[]>;
	count(filters: Filters): Promise<Count>;
}

/** Text with fewer matches is looked up in the indexes of ends; with more, walking through all messages is faster. */
const MAX_LOOKED_UP = 20_000;
/** After this many stretches, text with fewer than `MAX_SORTED` matches is looked up in the indexes after all. */
const MAX_WALKED = 2;
const MAX_SORTED = 1_000_000;
/** If more senders than this begin or end with a text, it is treated as one with many matches. */
const MAX_SENDERS = 100;
/** The most senders to compare with a text. */
const MAX_COMPARED_SENDERS = 5_000;
/** The most messages that one statement walks through, except within a single hour. */
const MAX_PASSED_MESSAGES = 50_000;
/** Hours to read from the counters at a time. */
const MAX_HOURS_PER_QUERY = 200;
/** Time limit for walking through all messages. */
const SEARCH_LIMIT_MS = 10_000;
/** The same for counting. */
const COUNT_LIMIT_MS = 200;
const MAX_TEXT_LENGTH = 200;
const HOUR_MS = 3_600_000;

const PLACE = 'received_at, report_id';
const ORDER = 'ORDER BY received_at DESC, report_id DESC';
/** The same order for rows from another index, written so that the databases do not walk through all rows by time. */
const SORT = 'ORDER BY substr(key, 1, 0), received_at DESC, report_id DESC';

/** The possible matches of a search text. */
interface Ends {
	readonly text: string;
	/** Complete senders that begin or end with the text. */
	readonly senders: readonly string[];
	/** Whether few messages match. */
	readonly isRare: boolean;
}

/** An hour of the counters: how many of its messages match the filters, and how many there are in total. */
interface Hour {
	readonly hour: number;
	readonly hits: number;
	readonly passed: number;
}

/** Creates the queries. */
export function findMessages(database: Database): FindMessages {
	async function endsOf(text: string): Promise<Ends | undefined> {
		if (text === '') return undefined;
		const [isRare, senders] = await Promise.all([isBelow(text, MAX_LOOKED_UP), sendersWith(text)]);
		return { text, senders, isRare: isRare && senders.length <= MAX_SENDERS };
	}

	/** Checks that fewer than `limit` ids and numbers begin or end with a text. */
	async function isBelow(text: string, limit: number): Promise<boolean> {
		const parameters = new Parameters();
		// the order makes PostgreSQL read the index instead of scanning the table until it has enough
		const counts = parameters.ends(text).map(
			({ key, condition }) => `(SELECT count(*) FROM (
				SELECT ${key} AS found FROM messages WHERE ${condition} ORDER BY ${key} LIMIT ${limit}
			) AS found)`,
		);
		const sql = `SELECT CAST(${['0', ...counts].join(' + ')} AS integer) AS count`;
		const [row] = await database.search<{ count: number }>(sql, parameters.values);
		return (row?.count ?? 0) < limit;
	}

	/** Finds the senders that begin or end with a text, with one index lookup per sender. */
	async function sendersWith(text: string): Promise<string[]> {
		const key = searchKeyOf(text);
		if (key === '') return [];
		const rows = await database.search<{ sender: string }>(SENDERS_SQL);
		return rows.map(({ sender }) => sender).filter((sender) => sender.startsWith(key) || sender.endsWith(key));
	}

	/** Looks up the messages that match a text in each index. IS TRUE keeps the databases from using another index. */
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
		// UNION removes messages found twice
		const all = branches.length > 0 ? branches.join(' UNION ') : `SELECT ${PLACE} FROM messages WHERE false`;
		return { sql: `${all} ${ORDER} LIMIT ${limit}`, values: parameters.values };
	}

	/**
	 * Walks through the hours for which the counters have messages that match the filters, newest first, several at a
	 * time. This finds rare messages without reading all the others.
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
				ORDER BY hour DESC LIMIT ${MAX_HOURS_PER_QUERY}`,
				parameters.values,
			);
			let stretch: Hour[] = [];
			for (const hour of hours) {
				const sum = (name: 'hits' | 'passed') => stretch.reduce((total, one) => total + one[name], 0);
				// the first hour may be partly outside the range
				if (stretch.length > 1 && (sum('hits') >= wanted || sum('passed') + hour.passed > MAX_PASSED_MESSAGES)) {
					yield toRanges(stretch, range);
					stretch = [];
				}
				stretch.push(hour);
			}
			if (stretch.length > 0) yield toRanges(stretch, range);
			if (hours.length < MAX_HOURS_PER_QUERY) return;
			last = (hours.at(-1)?.hour ?? 0) - 1;
		}
	}

	/** Reads the matching messages in stretches of the list. */
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
			// IS TRUE keeps the databases from collecting all matches in the indexes of ends and then sorting them
			conditions.push(`(${any.join(' OR ')}) IS TRUE`);
		}
		const branches = ranges.map(
			(range) => `SELECT * FROM (SELECT ${PLACE} FROM messages
				${where([...parameters.range(range), ...conditions])} ${ORDER} LIMIT ${limit}) AS stretch`,
		);
		return { sql: `${branches.join(' UNION ALL ')} ${ORDER} LIMIT ${limit}`, values: parameters.values };
	}

	/** The time range of the filters, limited further by `before` and `since`. */
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
				// frequent, but not in recent messages
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

	/** Counts whole hours from the counters and the rest at either end from the messages. */
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

/** The maximum of an integer in both databases. */
const MAX_HOUR = 2 ** 31 - 1;

/** Skips from one sender to the next in the index instead of reading all messages. */
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

/** Merges consecutive hours into ranges and clips them to `limits`. */
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

/** @param places - SQL that selects the positions of the messages to list */
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
