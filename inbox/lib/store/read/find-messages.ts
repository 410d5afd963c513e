import { type Database, DatabaseError, type Statement } from '../database.js';
import { isMasked, shownPart } from '../masking.js';
import type { MessageState } from '../report-row.js';
import { endKeysOf, searchKeysOf, senderText } from '../search-key.js';
import {
	conditionOf,
	indexConditionOf,
	type ListOrder,
	type Match,
	matchesSender,
	orderOf,
	Parameters,
	type TimeRange,
	where,
} from './conditions.js';
import { countersOf, MAX_HOUR } from './counted-hours.js';
import { BadUrl, type Cursor, type Filters, type Position, timeRange } from './filters.js';
import { OVERDUE_CONDITIONS, type OverdueKind } from './overdue.js';
import { searchedTexts } from './search-text.js';
import { toDate } from './to-date.js';

/** A message as listed, with the report that determines its state. Long texts are truncated. */
export interface ListedMessage extends Cursor {
	/** The message's key, which its page is found by. */
	readonly key: string;
	/** The report's id; a string, because it may exceed the safe integers of JavaScript. */
	readonly reportId: string;
	/** When the report arrived or, in a list by start, when the message started. */
	readonly at: Date;
	readonly state: MessageState;
	readonly mmStatus: string;
	readonly messageId: string;
	readonly recipient: string;
	readonly sender: string | null;
	readonly operator: string | null;
	readonly statusText: string | null;
	readonly transactionId: string;
	readonly reference: string | null;
	readonly provider: string;
}

/** A number of messages; `more` if there are more than `count`. */
export interface Count {
	readonly count: number;
	readonly more: boolean;
}

/** Search criteria. With `after`, the messages next to that one are found, not the newest. */
export interface MessageSearch extends Position {
	readonly filters: Filters;
}

/** Finds messages, the most recent change of state or start first. */
export interface FindMessages {
	/** @throws DatabaseError that is `slow` if the matches are too far apart */
	find(search: MessageSearch, limit: number): Promise<ListedMessage[]>;
	/** @param after - counts only messages that are newer than this one */
	count(filters: Filters, after?: Cursor): Promise<Count>;
}

/** Limits for choosing how to find messages. */
export interface SearchLimits {
	/** A filter with fewer matches is looked up in its indexes; with more, walking through all messages is faster. */
	readonly maxLookedUp: number;
	/** The same for indexes in the order of the list, if their rows have to match other filters too. */
	readonly maxScanned: number;
	/** After a few stretches, a filter with fewer matches is looked up in its indexes after all. */
	readonly maxSorted: number;
}

const LIMITS: SearchLimits = { maxLookedUp: 20_000, maxScanned: 300_000, maxSorted: 1_000_000 };
const MAX_WALKED_STRETCHES = 2;
/** The most messages with text that are counted. */
const MAX_COUNTED = 20_000;
/** The most overdue messages that are counted. */
const MAX_OVERDUE_COUNT = 100_000;
/** The most senders to compare with a text. */
const MAX_COMPARED_SENDERS = 5_000;
/** The most messages that one statement walks through, except within a single hour. */
const MAX_PASSED_MESSAGES = 20_000;
/** Hours to read from the counters at a time. */
const MAX_HOURS_PER_QUERY = 200;
/** Time limit for walking through all messages. */
const SEARCH_LIMIT_MS = 10_000;
/** The same for counting. */
const COUNT_LIMIT_MS = 200;
const MAX_TEXT_LENGTH = 200;
const HOUR_MS = 3_600_000;

/** What identifies a message in a list, and its place in the order. */
const placeIn = ({ time }: ListOrder) =>
	time === 'received_at' ? 'received_at, report_id' : `received_at, report_id, ${time}`;

/** The order in which messages are found; those found are always listed newest first. */
function sqlOrder({ after }: Position, { time }: ListOrder): { order: string; sort: string } {
	const columns = after ? `${time}, report_id` : `${time} DESC, report_id DESC`;
	return {
		order: `ORDER BY ${columns}`,
		/** The same for rows from another index, written so that the databases do not walk through all rows by time. */
		sort: `ORDER BY substr(key, 1, 0), ${columns}`,
	};
}

/** A filter with indexes of its own: the ways in which a message can match it. */
type Term = (parameters: Parameters) => Match[];

/** How to find the messages of a search. */
interface Plan {
	readonly filters: Filters;
	readonly range: TimeRange;
	readonly order: ListOrder;
	readonly terms: readonly Term[];
	/** The term to look up; absent: walk through all messages. */
	readonly rare: Term | undefined;
	readonly isUnfiltered: boolean;
}

/** An hour of the counters: how many of its messages match the filters, and how many there are in total. */
interface Hour {
	readonly hour: number;
	readonly hits: number;
	readonly passed: number;
}

/**
 * Creates the queries.
 *
 * @param overdueAfterMs - the age of an overdue message; without it, the filter `overdue` is refused
 */
export function findMessages(
	database: Database,
	{ overdueAfterMs, ...limits }: Partial<SearchLimits> & { readonly overdueAfterMs?: number | undefined } = {},
): FindMessages {
	const { maxLookedUp, maxScanned, maxSorted } = { ...LIMITS, ...limits };

	async function termsOf(filters: Filters, order: ListOrder): Promise<Term[]> {
		const { q, sender, recipient, messageId, transactionId, reference } = filters;
		const stored = q || sender ? await storedSenders() : [];
		// parts of a number would reveal what is masked
		const isShown = (key: string) => !(database.masksNumbers && isMasked(key));
		const partOf = (part: string) => (database.masksNumbers ? shownPart(part) : part);
		const terms: (Term | undefined)[] = [
			messageId && ((parameters) => parameters.messageIds(messageId)),
			transactionId && ((parameters) => parameters.transactionIds(transactionId)),
			reference && ((parameters) => parameters.references(reference)),
			recipient && ((parameters) => parameters.recipients(recipient.map(partOf))),
			q === undefined ? undefined : (parameters) => parameters.text(q, sendersWith(q, stored, isShown), partOf),
			sender && ((parameters) => parameters.senders(sendersLike(sender, stored.filter(isShown)))),
		];
		const isSorted = order.time === 'received_at';
		return terms
			.filter((term) => term !== undefined)
			.map(
				(term) => (parameters) => term(parameters).map((match) => ({ ...match, isSorted: isSorted && match.isSorted })),
			);
	}

	/** The keys of all senders, with one index lookup each. */
	async function storedSenders(): Promise<string[]> {
		const rows = await database.search<{ key: string }>(SENDERS_SQL);
		return rows.map(({ key }) => key);
	}

	/**
	 * Chooses the filter with the fewest matches.
	 *
	 * @param limits - the most index rows to read, if their order is that of the list and if it is not
	 * @returns undefined if all filters have more matches than that
	 */
	async function rarestOf(
		terms: readonly Term[],
		limits: { sorted: number; other: number },
	): Promise<Term | undefined> {
		let rarest: Term | undefined;
		let fewest = Number.POSITIVE_INFINITY;
		for (const term of terms) {
			const parameters = new Parameters();
			// the order makes PostgreSQL read the index instead of scanning the table until it has enough
			const counts = term(parameters).map(({ table, key, condition, isSorted }) => {
				const limit = isSorted ? limits.sorted : limits.other;
				const found = `SELECT ${key} AS found FROM ${table} WHERE ${condition} ORDER BY ${key} LIMIT ${limit}`;
				return { isSorted, sql: `(SELECT count(*) FROM (${found}) AS found)` };
			});
			const sum = (isSorted: boolean) =>
				['0', ...counts.filter((count) => count.isSorted === isSorted).map(({ sql }) => sql)].join(' + ');
			const sql = `SELECT CAST(${sum(true)} AS integer) AS sorted, CAST(${sum(false)} AS integer) AS other`;
			const [{ sorted, other } = { sorted: 0, other: 0 }] = await database.search<typeof limits>(
				sql,
				parameters.values,
			);
			if (other < limits.other && sorted <= limits.sorted && sorted + other < fewest) {
				rarest = term;
				fewest = sorted + other;
			}
		}
		return rarest;
	}

	/** Looks up the messages that match a filter in each of its indexes, and checks the other filters afterwards. */
	function lookUp(term: Term, { terms, filters, range, order: by }: Plan, limit: number): Required<Statement> {
		const parameters = new Parameters();
		const [columns, times] = [parameters.columns(filters), parameters.range(range, by)];
		const [{ order, sort }, place] = [sqlOrder(range, by), placeIn(by)];
		const others = terms.filter((other) => other !== term).map((other) => isTrue(anyOf(other(parameters))));
		const branches = term(parameters).map((match) => {
			// IS TRUE keeps the databases from using another index
			const afterwards = match.isSorted ? [...times, ...columns] : [...columns, ...times].map(isTrue);
			const conditions = where([indexConditionOf(match), ...afterwards, ...others]);
			return `SELECT * FROM (SELECT ${place} FROM messages ${conditions} ${match.isSorted ? order : sort} LIMIT ${limit}) AS found`;
		});
		// UNION removes messages found twice
		const all = branches.length > 0 ? branches.join(' UNION ') : `SELECT ${place} FROM messages WHERE false`;
		return { sql: `${all} ${order} LIMIT ${limit}`, values: parameters.values };
	}

	/**
	 * Walks through the hours for which the counters have messages that match the filters, several at a time: newest
	 * first, or with `after`, oldest first. This finds rare messages without reading all the others.
	 */
	async function* stretches({ filters, range, order }: Plan, wanted: number): AsyncGenerator<TimeRange[]> {
		const [oldest, newest] = [range.after?.at ?? range.from, range.before?.at ?? range.to];
		let last = newest === undefined ? MAX_HOUR : Math.floor(newest.getTime() / HOUR_MS);
		let first = oldest === undefined ? 0 : Math.max(0, Math.floor(oldest.getTime() / HOUR_MS));
		while (true) {
			const parameters = new Parameters();
			const hits = parameters.columns(filters).join(' AND ') || 'true';
			const between = `hour BETWEEN ${parameters.add(first)} AND ${parameters.add(Math.min(last, MAX_HOUR))}`;
			const hours = await database.query<Hour>(
				`SELECT hour, CAST(sum(${order.counted}) FILTER (WHERE ${hits}) AS integer) AS hits,
					CAST(sum(${order.counted}) AS integer) AS passed
				FROM counters WHERE ${between} GROUP BY hour HAVING sum(${order.counted}) FILTER (WHERE ${hits}) > 0
				ORDER BY hour ${range.after ? 'ASC' : 'DESC'} LIMIT ${MAX_HOURS_PER_QUERY}`,
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
			const { hour = 0 } = hours.at(-1) ?? {};
			if (range.after) first = hour + 1;
			else last = hour - 1;
		}
	}

	/** Reads the matching messages in stretches of the list. */
	function pass({ filters, terms, order: by }: Plan, ranges: readonly TimeRange[], limit: number): Required<Statement> {
		const parameters = new Parameters();
		// IS TRUE keeps the databases from collecting all matches in the indexes of a filter and then sorting them
		const conditions = [...parameters.columns(filters), ...terms.map((term) => isTrue(anyOf(term(parameters))))];
		const { order } = sqlOrder(ranges[0] ?? {}, by);
		const branches = ranges.map(
			(range) => `SELECT * FROM (SELECT ${placeIn(by)} FROM messages
				${where([...parameters.range(range, by), ...conditions])} ${order} LIMIT ${limit}) AS stretch`,
		);
		return { sql: `${branches.join(' UNION ALL ')} ${order} LIMIT ${limit}`, values: parameters.values };
	}

	/** Reads overdue messages in the order of their start, which has an index. */
	function passOverdue(kind: OverdueKind, { terms, filters, range, order }: Plan, limit: number): Required<Statement> {
		if (overdueAfterMs === undefined) throw new BadUrl('overdue', 'needs OVERDUE_AFTER to be set');
		const due = new Date(Date.now() - overdueAfterMs);
		const parameters = new Parameters();
		const isDue = parameters.range({ ...range, to: range.to && range.to < due ? range.to : due }, order);
		// IS TRUE keeps the databases from using another index
		const others = [...parameters.columns(filters), ...terms.map((term) => anyOf(term(parameters)))].map(isTrue);
		const sql = `SELECT ${placeIn(order)} FROM messages ${where([OVERDUE_CONDITIONS[kind], ...isDue, ...others])}
			${sqlOrder(range, order).order} LIMIT ${limit}`;
		return { sql, values: parameters.values };
	}

	/** Chooses how to find the messages: by the indexes of one of the filters, or by walking through all messages. */
	async function planFor({ filters, before, after }: MessageSearch): Promise<Plan> {
		const range: TimeRange = { ...timeRange(filters), before, after };
		const order = orderOf(filters);
		const terms = await termsOf(filters, order);
		const hasColumns = new Parameters().columns(filters).length > 0;
		const isFiltered = hasColumns || terms.length > 1;
		const rare = await rarestOf(terms, { sorted: isFiltered ? maxScanned : 0, other: maxLookedUp });
		return { filters, range, order, terms, rare, isUnfiltered: terms.length === 0 && !hasColumns };
	}

	async function list(
		{ sql, values }: Required<Statement>,
		{ order }: Plan,
		read: Database['query'],
	): Promise<ListedMessage[]> {
		const rows = await read<ListedMessage & { senderAddress: string | null }>(listSql(sql, order), values);
		return rows.map(({ senderAddress, ...row }) => ({
			...row,
			at: toDate(row.at),
			sender: senderText(row.sender, senderAddress),
		}));
	}

	return {
		async find(search, limit) {
			const plan = await planFor(search);
			const { filters, range, terms, rare } = plan;
			if (filters.overdue) return list(passOverdue(filters.overdue, plan, limit), plan, database.search);
			if (plan.isUnfiltered) return list(pass(plan, [range], limit), plan, database.query);
			if (rare) return list(lookUp(rare, plan, limit), plan, database.search);
			const found: ListedMessage[] = [];
			const start = performance.now();
			let walked = 0;
			for await (const ranges of stretches(plan, terms.length > 0 ? Number.POSITIVE_INFINITY : limit)) {
				// frequent, but not in recent messages
				if (terms.length > 0 && ++walked === MAX_WALKED_STRETCHES) {
					const old = await rarestOf(terms, { sorted: maxSorted, other: maxSorted });
					if (old) return list(lookUp(old, plan, limit), plan, database.search);
				}
				if (performance.now() - start > SEARCH_LIMIT_MS) {
					throw new DatabaseError('the search takes too long', 'slow', 'SEARCH');
				}
				const more = await list(pass(plan, ranges, limit - found.length), plan, database.search);
				if (range.after) found.unshift(...more);
				else found.push(...more);
				if (found.length >= limit) break;
			}
			return found;
		},
		async count(filters, after) {
			const plan = await planFor({ filters, after });
			const { terms, rare } = plan;
			if (filters.overdue) {
				const count = await countOf(passOverdue(filters.overdue, plan, MAX_OVERDUE_COUNT + 1));
				return { count: Math.min(count, MAX_OVERDUE_COUNT), more: count > MAX_OVERDUE_COUNT };
			}
			if (terms.length === 0) return { count: await countExactly(plan), more: false };
			if (rare) {
				const count = await countOf(lookUp(rare, plan, MAX_COUNTED + 1));
				return { count: Math.min(count, MAX_COUNTED), more: count > MAX_COUNTED };
			}
			let count = 0;
			const start = performance.now();
			for await (const ranges of stretches(plan, Number.POSITIVE_INFINITY)) {
				if (count >= MAX_COUNTED || performance.now() - start > COUNT_LIMIT_MS) return { count, more: true };
				count += await countOf(pass(plan, ranges, MAX_COUNTED));
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
	async function countExactly({ filters, range: { from, to, after }, order }: Plan): Promise<number> {
		const isAfter = after !== undefined && !(from && from > after.at);
		const oldest = isAfter ? after.at : from;
		// messages of the same instant can be on either side of a position
		const first = oldest && Math.ceil((oldest.getTime() + (isAfter ? 1 : 0)) / HOUR_MS);
		const end = to && Math.floor(to.getTime() / HOUR_MS);
		const parts: TimeRange[] = [];
		if (first !== undefined && end !== undefined && first >= end) parts.push({ from, to, after });
		else {
			if (oldest && first !== undefined && oldest < atHour(first)) parts.push({ from, to: atHour(first), after });
			if (to && end !== undefined && end * HOUR_MS < to.getTime()) parts.push({ from: atHour(end), to });
		}
		const parameters = new Parameters();
		const columns = parameters.columns(filters);
		const sums = parts.map(
			(part) => `(SELECT count(*) FROM messages ${where([...parameters.range(part, order), ...columns])})`,
		);
		const counted = `(${countersOf('counters', { first, end }, parameters)}) AS cell`;
		sums.push(`(SELECT coalesce(sum(${order.counted}), 0) FROM ${counted} ${where(columns)})`);
		const sql = `SELECT CAST(${sums.join(' + ')} AS integer) AS count`;
		const [row] = await database.query<{ count: number }>(sql, parameters.values);
		return row?.count ?? 0;
	}
}

/** The stored senders that a search text can mean, complete or by either end. */
function sendersWith(text: string, stored: readonly string[], isShown: (key: string) => boolean): string[] {
	const { end, listed } = searchedTexts(text);
	const complete = new Set([...listed, ...(end === undefined ? [] : [end])].flatMap(searchKeysOf));
	const [beginnings, ends] = end === undefined ? [[], []] : [searchKeysOf(end), endKeysOf(end)];
	return stored.filter(
		(key) =>
			complete.has(key) ||
			(isShown(key) &&
				(beginnings.some((beginning) => key.startsWith(beginning)) || ends.some((one) => key.endsWith(one)))),
	);
}

/** The stored senders that match a filter. */
function sendersLike(senders: readonly string[], stored: readonly string[]): string[] {
	const complete = senders.filter((sender) => !/^\*|\*$/.test(sender)).flatMap(searchKeysOf);
	return [...new Set([...complete, ...stored.filter((key) => senders.some((sender) => matchesSender(sender, key)))])];
}

function anyOf(matches: readonly Match[]): string {
	return matches.map((match) => `(${conditionOf(match)})`).join(' OR ') || 'false';
}

function isTrue(condition: string): string {
	return `(${condition}) IS TRUE`;
}

/** Skips from one sender to the next in the index instead of reading all messages. */
const SENDERS_SQL = `
	WITH RECURSIVE found(sender, place) AS (
		SELECT min(sender), 1 FROM messages
		UNION ALL
		SELECT (SELECT min(messages.sender) FROM messages WHERE messages.sender > found.sender), place + 1
		FROM found WHERE sender IS NOT NULL AND place < ${MAX_COMPARED_SENDERS}
	)
	SELECT sender AS "key" FROM found WHERE sender IS NOT NULL`;

function atHour(hour: number): Date {
	return new Date(hour * HOUR_MS);
}

/** Merges consecutive hours into ranges and clips them to `limits`. */
function toRanges(hours: readonly Hour[], limits: TimeRange): TimeRange[] {
	const ranges: { from: number; to: number }[] = [];
	for (const { hour } of hours.toSorted((one, other) => other.hour - one.hour)) {
		const range = ranges.at(-1);
		if (range?.from === hour + 1) range.from = hour;
		else ranges.push({ from: hour, to: hour + 1 });
	}
	return ranges.map(({ from, to }) => ({
		...limits,
		from: limits.from && limits.from > atHour(from) ? limits.from : atHour(from),
		to: limits.to && limits.to < atHour(to) ? limits.to : atHour(to),
	}));
}

/** @param places - SQL that selects the positions of the messages to list */
function listSql(places: string, { time }: ListOrder): string {
	const cut = (column: string, name: string) => `substr(${column}, 1, ${MAX_TEXT_LENGTH}) AS "${name}"`;
	return `
		WITH place AS (${places})
		SELECT message.key AS "key", CAST(place.report_id AS text) AS "reportId", message.${time} AS "at",
			message.state AS "state", message.mm_status AS "mmStatus", message.operator_id AS "operator",
			message.provider AS "provider", ${cut('message.reference', 'reference')},
			${cut('message.message_id', 'messageId')},
			${cut(`coalesce(report.recipient ->> 'number', report.recipient ->> 'address')`, 'recipient')},
			message.sender AS "sender",
			${cut(`coalesce(report.sender ->> 'number', report.sender ->> 'address')`, 'senderAddress')},
			${cut('report.status_text', 'statusText')},
			${cut('report.transaction_id', 'transactionId')}
		FROM place
		JOIN messages AS message ON message.received_at = place.received_at AND message.report_id = place.report_id
		JOIN reports AS report ON report.id = place.report_id
		ORDER BY message.${time} DESC, place.report_id DESC`;
}
