import type { DeliveryReport, ReadReply } from 'mm7-delivery-reports';
import { counters } from './counters.js';
import { type Database, DatabaseError } from './database.js';
import { GroupCommit } from './group-commit.js';
import { type StoredTime, toDate } from './read/to-date.js';
import {
	DEFAULT_PROVIDER,
	type Registration,
	type ReportContext,
	type ReportRows,
	registrationRows,
	reportRows,
} from './report-row.js';

/**
 * The outcome of storing a report:
 * - `current`: it is new and determines its message's state;
 * - `superseded`: it is new, but its message's state was already final or known from a later report;
 * - `duplicate`: it was already stored.
 */
export type StoreResult = 'current' | 'superseded' | 'duplicate';

/** Options for storing a report. */
export interface StoreOptions extends ReportContext {
	/** If this aborts before the report's turn, the report is not stored. */
	readonly signal?: AbortSignal | undefined;
}

/** The maximum number of reports and characters of XML in one transaction. */
const MAX_GROUP = { items: 500, size: 4_000_000, sizeOf: ({ report }: ReportRows) => String(report.xml).length };

const HOUR_MS = 3_600_000;

/** A date further from the arrival of a report is not when its message was submitted. */
const MAX_LIFE_MS = 366 * 86_400_000;

/** The rows of `reports` by kind, each kind with its own index. Reports come first. */
const KINDS = [`kind <> 'submission'`, `kind = 'submission'`] as const;

/** Stores reports, and what your application registers about the messages that it submitted. */
export class ReportRepository {
	readonly #database: Database;
	readonly #sendingSubmissionDates: readonly string[];
	readonly #group: GroupCommit<ReportRows, StoreResult>;
	/** Where the next deletion step starts, by kind; absent: at the oldest row. */
	readonly #lastDeleted = new Map<string, { at: Date; id: number }>();

	/**
	 * @param database - from `openDatabase`
	 * @param sendingSubmissionDates - names of the providers whose reports have the time of submission as their date
	 */
	constructor(
		database: Database,
		{ sendingSubmissionDates = [] }: { sendingSubmissionDates?: readonly string[] } = {},
	) {
		this.#database = database;
		this.#sendingSubmissionDates = sendingSubmissionDates;
		const mayBeOne = (error: unknown) => error instanceof DatabaseError && error.failure === 'refused';
		this.#group = new GroupCommit((rows) => this.#storeAll(rows), mayBeOne, MAX_GROUP);
	}

	/**
	 * Stores a report or read reply unless it is already stored, and updates its message. When the promise resolves,
	 * both are on disk. Reports that arrive while others are being stored share a transaction.
	 *
	 * @throws DatabaseError, in which case the call can be retried
	 */
	async store(
		report: DeliveryReport | ReadReply,
		{ signal, ...context }: StoreOptions = {},
	): Promise<{ result: StoreResult }> {
		const { submittedAt = this.#submissionDate(report, context.provider) } = context;
		return { result: await this.#group.add(reportRows(report, { ...context, submittedAt }), signal) };
	}

	#submissionDate(report: DeliveryReport | ReadReply, provider = DEFAULT_PROVIDER): Date | undefined {
		// a read reply has the date when the message was read
		if (!this.#sendingSubmissionDates.includes(provider) || !('final' in report) || !report.date) return undefined;
		const age = report.receivedAt.getTime() - report.date.getTime();
		return age >= 0 && age < MAX_LIFE_MS ? report.date : undefined;
	}

	/**
	 * Stores what your application knows about a message that it submitted, before or after the first report about it.
	 * When the promise resolves, it is on disk. It can be repeated, and combines with other registrations of the message:
	 * each field keeps its greatest value.
	 *
	 * @throws DatabaseError, in which case some recipients may be registered and the call can be retried
	 */
	async register(registration: Registration, registeredAt = new Date()): Promise<void> {
		await Promise.all(registrationRows(registration, registeredAt).map((rows) => this.#group.add(rows)));
	}

	/**
	 * Deletes some of the oldest reports and registrations, and the messages whose state they determine.
	 *
	 * @param limit - the maximum number
	 * @returns how many were deleted
	 */
	async deleteReceivedBefore(time: Date, limit: number): Promise<number> {
		let total = 0;
		for (const kind of KINDS) if (total < limit) total += await this.#deleteOldest(kind, time, limit - total);
		return total;
	}

	async #deleteOldest(kind: (typeof KINDS)[number], time: Date, limit: number): Promise<number> {
		// without a start, PostgreSQL would read all the deleted rows that are not vacuumed yet
		const { at, id } = this.#lastDeleted.get(kind) ?? { at: new Date(0), id: 0 };
		const oldest = `SELECT received_at, id FROM reports
			WHERE ${kind} AND received_at < $1 AND (received_at, id) > ($2, CAST($3 AS bigint))
			ORDER BY received_at, id LIMIT $4`;
		const values = [time, at, id, limit];
		const [, deleted = []] = await this.#database.write(
			{ sql: `DELETE FROM messages WHERE (received_at, report_id) IN (${oldest})`, values },
			{
				sql: `DELETE FROM reports WHERE id IN (SELECT id FROM (${oldest}) AS oldest)
					RETURNING received_at AS at, id`,
				values,
			},
		);
		const last = (deleted as { at: StoredTime; id: number | string }[])
			.map((row) => ({ at: toDate(row.at), id: Number(row.id) }))
			.sort((one, other) => one.at.getTime() - other.at.getTime() || one.id - other.id)
			.at(-1);
		// older ones may still arrive from the queue
		if (last && deleted.length === limit) this.#lastDeleted.set(kind, last);
		else this.#lastDeleted.delete(kind);
		return deleted.length;
	}

	/** Deletes zero counts before a time, but not where there are still messages to delete. */
	async sweepCounters(before: Date): Promise<void> {
		const times = [before, ...Array.from(this.#lastDeleted.values(), ({ at }) => at)].map(Number);
		const values = [Math.floor(Math.min(...times) / HOUR_MS)];
		await this.#database.write(...counters(this.#database.dialect).sweepSql.map((sql) => ({ sql, values })));
	}

	/** @returns whether there may be more unused space to return to the operating system */
	reclaim(): Promise<boolean> {
		return this.#database.dialect.reclaim(this.#database);
	}

	/** @returns the arrival time of the newest report that arrived by `time`; undefined if there is none */
	async newestArrival(time: Date): Promise<Date | undefined> {
		const sql = `SELECT max(received_at) AS at FROM reports WHERE ${KINDS[0]} AND received_at <= $1`;
		const [row] = await this.#database.query<{ at: StoredTime | null }>(sql, [time]);
		return row?.at ? toDate(row.at) : undefined;
	}

	/**
	 * Finds out when the reports of providers last determined the state of a message, by the name of the provider. Reads
	 * the counters, and the messages of one hour for each provider.
	 */
	async newestByProvider(providers: readonly string[], time: Date): Promise<Map<string, Date>> {
		const hours = await this.#database.search<{ provider: string; hour: number }>(NEWEST_HOURS_SQL, [
			Math.floor(time.getTime() / HOUR_MS),
		]);
		const newest = new Map<string, Date>();
		for (const { provider, hour } of hours.filter((row) => providers.includes(row.provider))) {
			const range = [new Date(hour * HOUR_MS), new Date((hour + 1) * HOUR_MS)];
			const [row] = await this.#database.search<{ at: StoredTime | null }>(NEWEST_SQL, [...range, provider]);
			if (row?.at) newest.set(provider, toDate(row.at));
		}
		return newest;
	}

	/**
	 * Counts the messages whose state was reported by `until`, and how many of those before `time`. Reads an index of all
	 * messages.
	 */
	async countMessages(time: Date, until: Date): Promise<{ all: number; old: number }> {
		const [row] = await this.#database.search<{ all: number; old: number }>(COUNT_SQL, [time, until]);
		return row ?? { all: 0, old: 0 };
	}

	/** Settles when no report is being stored. */
	finished(): Promise<void> {
		return this.#group.finished();
	}

	async #storeAll(rows: readonly ReportRows[]): Promise<StoreResult[]> {
		const different = new Map(rows.map((row) => [keyOf(row), row]));
		const added = new Map<unknown, StoreResult>(
			await this.#database.dialect.storeReports(this.#database, [...different.values()]),
		);
		return rows.map((row) => {
			const result = added.get(keyOf(row)) ?? 'duplicate';
			// the other copies in this group are duplicates
			added.delete(keyOf(row));
			return result;
		});
	}
}

const NEWEST_HOURS_SQL = `
	SELECT provider AS "provider", max(hour) AS "hour" FROM counters
	WHERE hour BETWEEN 0 AND $1 AND state <> 'submitted' AND changed > 0 GROUP BY provider`;
const NEWEST_SQL = `
	SELECT max(received_at) AS "at" FROM messages
	WHERE received_at >= $1 AND received_at < $2 AND provider = $3 AND state <> 'submitted'`;

const COUNT_SQL = `
	SELECT CAST(count(*) AS integer) AS "all", CAST(count(*) FILTER (WHERE received_at < $1) AS integer) AS old
	FROM messages WHERE received_at <= $2`;

function keyOf({ report }: ReportRows): unknown {
	return report.duplicate_key;
}
