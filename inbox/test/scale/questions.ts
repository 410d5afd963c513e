import type { Database, Value } from '../../lib/store/database.js';
import { Outbox } from '../../lib/store/outbox.js';
import { readChoices } from '../../lib/store/read/choices.js';
import type { Filters } from '../../lib/store/read/filters.js';
import { type FindMessages, findMessages } from '../../lib/store/read/find-messages.js';
import { eventQueries } from '../../lib/store/read/message-events.js';
import { messageStories } from '../../lib/store/read/message-story.js';
import { pulseReader } from '../../lib/store/read/read-pulse.js';
import { refusedQueries } from '../../lib/store/read/refused.js';
import { readStatistics } from '../../lib/store/read/statistics.js';
import { chooseRange, type RangeChoice, type RangeSpan } from '../../lib/store/read/statistics-range.js';
import { OLD_OPERATOR, OLD_SENDER, type Sample } from './fill.js';

/** Time limits for queries, on an otherwise idle machine. */
const LIST_LIMIT_MS = 300;
export const STATISTICS_LIMIT_MS = 100;
const PAGE_SIZE = 51;
const HOUR_MS = 3_600_000;

/** The contents of the database. */
export interface Filled {
	make(n: number): Sample;
	readonly count: number;
	/** When the last report arrived. */
	readonly now: number;
}

/** A query of the pages, the API or the metrics. */
interface Question {
	readonly limitMs: number;
	ask(database: Database): Promise<unknown>;
}

/** The performance of a query. */
export interface Outcome {
	readonly name: string;
	readonly ms: number;
	readonly limitMs: number;
	/** Steps of its plans that scan a whole table or index. */
	readonly scans: readonly string[];
}

/** All queries, by name. */
function questions({ make, count, now }: Filled): Readonly<Record<string, Question>> {
	const [first, last] = [make(0).report, make(count - 1).report];
	const of = (filters: Filters) => ({ filters });
	const lists: Readonly<Record<string, Filters>> = {
		'the newest': {},
		'a whole MessageID': { q: last.messageId },
		'a whole number': { q: last.recipient.address },
		'the last four digits': { q: last.recipient.address.slice(-4) },
		'the last eight digits': { q: last.recipient.address.slice(-8) },
		'the first four digits': { q: last.recipient.address.slice(1, 5) },
		'the beginning of all MessageIDs': { q: '4800' },
		'the beginning of old MessageIDs': { q: first.messageId.slice(0, -Math.floor(Math.log10(count / 20))) },
		'a sender': { q: '54001' },
		'a sender and a state': { q: '54001', state: ['unknown'] },
		'an old sender': { q: OLD_SENDER },
		'an old sender and a state': { sender: [OLD_SENDER], state: ['failed'] },
		'text without matches': { q: 'unmatched' },
		'a state': { state: ['failed'] },
		'an MMStatus': { mmStatus: ['Indeterminate'] },
		'an MMStatus without messages': { mmStatus: ['Lost'] },
		'an operator': { operator: ['31004'] },
		'an old operator': { operator: [OLD_OPERATOR] },
		'an old operator and a rare state': { operator: [OLD_OPERATOR], state: ['unknown'] },
		'an operator of the last day': { operator: ['31004'], span: 'day' },
		'several values of each filter': { state: ['failed', 'pending'], operator: ['31004', '31005'], sender: ['54001'] },
		'a sender without the MMStatus': { sender: ['54001'], mmStatus: ['Lost'] },
		'senders by their end': { sender: ['*1'] },
		'a TransactionID': { transactionId: [last.transactionId] },
		'the beginning of all TransactionIDs': { q: '2026' },
		'the end of a recipient and a state': { recipient: [`*${last.recipient.address.slice(-3)}`], state: ['failed'] },
		'a pasted list': { q: Array.from({ length: 50 }, (_, index) => make(index * 97).report.messageId).join('\n') },
		'messages without a report': { overdue: 'no-report' },
		'messages without a receipt': { overdue: 'no-receipt' },
		'messages of a sender without a receipt': { overdue: 'no-receipt', sender: ['54001'] },
		'90 minutes': { from: new Date(now - 9_000_000), to: new Date(now - 3_600_000) },
		'failures of several weeks': { state: ['failed'], from: new Date(now - 20 * 86_400_000) },
		'failures by start': { state: ['failed'], by: 'start', from: new Date(now - 20 * 86_400_000) },
		'a sender by start': { sender: ['54001'], by: 'start', from: new Date(now - 20 * 86_400_000) },
	};
	const listQuestions = Object.entries(lists).flatMap(([name, filters]): [string, Question][] => {
		const ask = (run: (messages: FindMessages) => Promise<unknown>) => ({
			limitMs: LIST_LIMIT_MS,
			ask: (database: Database) => run(findMessages(database, { overdueAfterMs: 86_400_000 })),
		});
		const middle = { at: new Date(now - 15 * 86_400_000), reportId: '1' };
		return [
			[`list: ${name}`, ask((messages) => messages.find(of(filters), PAGE_SIZE))],
			[`list: ${name}, older`, ask((messages) => messages.find({ ...of(filters), before: middle }, PAGE_SIZE))],
			[`count: ${name}`, ask((messages) => messages.count(of(filters).filters))],
		];
	});
	const statistics = (span: RangeSpan): Question => ({
		limitMs: STATISTICS_LIMIT_MS,
		ask: (database) => askStatistics(database, { span }, now),
	});
	const other = (ask: Question['ask']): Question => ({ limitMs: STATISTICS_LIMIT_MS, ask });
	return {
		...Object.fromEntries(listQuestions),
		'statistics of a day': statistics('day'),
		'statistics of a month': statistics('month'),
		'statistics of a quarter': statistics('quarter'),
		'a message and its reports': other(async (database) => {
			const [found] = await findMessages(database).find(of({ q: last.messageId }), 1);
			const story = await messageStories(database).read(found?.key ?? '');
			return messageStories(database).report(story?.reportId ?? '');
		}),
		'the pulse': other((database) => pulseReader(database, async () => true)()),
		'refused requests': other((database) => refusedQueries(database).list(PAGE_SIZE)),
		'the next overdue messages': other(async (database) => {
			const outbox = new Outbox(database);
			// searches from there
			await outbox.recordOverdue(new Date(now - 86_400_000));
			return outbox.recordOverdue(new Date(now));
		}),
		'the choices of the filters': other((database) => readChoices(database)({ from: new Date(now - 30 * 86_400_000) })),
		'the events of a message': other(async (database) => {
			const [found] = await findMessages(database).find(of({ q: last.messageId }), 1);
			return eventQueries(database).of(found?.key ?? '');
		}),
		'events that were given up': other((database) => eventQueries(database).givenUp()),
		'pending events': other((database) => new Outbox(database).pending()),
		'sums of refused requests': other((database) =>
			refusedQueries(database).sums(new Date(Date.now() - 30 * 86_400_000)),
		),
	};
}

/** In a zone whose days are not those of the counters. */
function askStatistics(database: Database, choice: RangeChoice, now: number): Promise<unknown> {
	return readStatistics(database)(chooseRange(choice, 'America/New_York', new Date(now)), new Date(now));
}

/** Durations in milliseconds. */
interface FullCounters {
	/** Duration of the statistics, by number of days. */
	readonly statistics: ReadonlyMap<number, number>;
	/** Duration of the choices of the filters, which every list reads. */
	readonly choices: number;
}

/** Reads counters in which each hour has all values. */
export async function askFullCounters(
	database: Database,
	now: number,
	ranges: readonly number[],
	runs: number,
): Promise<FullCounters> {
	const statistics = new Map<number, number>();
	for (const days of ranges) {
		const choice = { from: new Date(now - days * 24 * HOUR_MS), to: new Date(now) };
		statistics.set(days, await fastest(() => askStatistics(database, choice, now), runs));
	}
	return { statistics, choices: await fastest(() => readChoices(database)({}), runs) };
}

/** The duration of the fastest run in milliseconds, because other programs share this machine. */
export async function fastest(ask: () => Promise<unknown>, runs: number): Promise<number> {
	let ms = Number.POSITIVE_INFINITY;
	for (let run = 0; run < runs; run++) {
		const start = performance.now();
		await ask();
		ms = Math.min(ms, performance.now() - start);
	}
	return ms;
}

/**
 * Runs all queries.
 *
 * @param runs - the fastest run counts
 */
export async function askAll(database: Database, filled: Filled, runs: number): Promise<Outcome[]> {
	const outcomes: Outcome[] = [];
	for (const [name, { ask, limitMs }] of Object.entries(questions(filled))) {
		const asked = new Map<string, readonly Value[]>();
		const watch = (read: Database['query']): Database['query'] => {
			return (sql, values = []) => {
				asked.set(sql, values);
				return read(sql, values);
			};
		};
		await ask({ ...database, query: watch(database.query), search: watch(database.search) });
		const scans: string[] = [];
		for (const [sql, values] of asked) scans.push(...(await scansOf(database, sql, values)));
		outcomes.push({ name, ms: await fastest(() => ask(database), runs), limitMs, scans });
	}
	return outcomes;
}

/** Finds plan steps that scan a large table or index. Reading the newest in the list's order stops at a limit. */
async function scansOf(database: Database, sql: string, values: readonly Value[]): Promise<string[]> {
	const isInOrder = !/WHERE (?!\(received_at, report_id\))/.test(
		/FROM messages\s+(.*?)LIMIT/s.exec(sql)?.[1] ?? 'WHERE',
	);
	const plan = database.name.startsWith('SQLite')
		? (await database.search<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, values)).map(({ detail }) => detail)
		: (await database.search<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, values)).map((row) => row['QUERY PLAN']);
	// a subquery may have the same name
	const isSubquery = (name: string) => plan.includes(`MATERIALIZE ${name}`) || plan.includes(`CO-ROUTINE ${name}`);
	return plan.filter((step, index) => {
		const [, scanned] =
			/^SCAN (messages?|reports?|events|counters|sender_counters|delivery_times|failure_counters)\b/.exec(step) ?? [];
		if (scanned !== undefined) {
			return !isSubquery(scanned) && !(isInOrder && / USING .*messages_listed/.test(step));
		}
		if (/Seq Scan on (messages|reports)\b/.test(step)) return true;
		const isIndexScan = /Index (?:Only )?Scan.* on (messages|reports)\b/.test(step);
		return isIndexScan && !isInOrder && !/Index Cond/.test(plan[index + 1] ?? '');
	});
}
