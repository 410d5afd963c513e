import type { DeliveryReport, ReadReply } from 'mm7-delivery-reports';
import { type Database, DatabaseError } from './database.js';
import { GroupCommit } from './group-commit.js';
import { type StoredTime, toDate } from './read/to-date.js';
import { type ReportRows, reportRows } from './report-row.js';

/**
 * What became of a report:
 * - `current`: it is new and says what its message's state is now;
 * - `superseded`: it is new, but the state of its message was certain already, or known from a later report;
 * - `duplicate`: it had been stored before.
 */
export type StoreResult = 'current' | 'superseded' | 'duplicate';

/** What goes with a report. */
export interface StoreOptions {
	/** The SOAP part as it came. */
	readonly xml?: string | undefined;
	/** A report is not stored any more when this has aborted before its turn. */
	readonly signal?: AbortSignal | undefined;
}

/** Most reports, and most characters of XML, in one transaction. */
const LARGEST_GROUP = { items: 500, size: 4_000_000, sizeOf: ({ report }: ReportRows) => String(report.xml).length };

/** Stores reports. */
export class ReportRepository {
	readonly #database: Database;
	readonly #group: GroupCommit<ReportRows, StoreResult>;

	/** @param database - as `openDatabase` opens it */
	constructor(database: Database) {
		this.#database = database;
		const mayBeOne = (error: unknown) => error instanceof DatabaseError && error.failure === 'refused';
		this.#group = new GroupCommit((rows) => this.#storeAll(rows), mayBeOne, LARGEST_GROUP);
	}

	/**
	 * Stores a report or read reply unless it is stored already, and brings its message up to date. When the promise resolves, both
	 * are on the disk. Reports that come while others are being stored share a transaction.
	 *
	 * @throws DatabaseError, and then the report may be stored again
	 */
	async store(
		report: DeliveryReport | ReadReply,
		{ xml = '', signal }: StoreOptions = {},
	): Promise<{ result: StoreResult }> {
		return { result: await this.#group.add(reportRows(report, xml), signal) };
	}

	/**
	 * Deletes some of the oldest reports, and the messages that have their state from them.
	 *
	 * @param limit - most reports
	 * @returns how many
	 */
	async deleteReceivedBefore(time: Date, limit: number): Promise<number> {
		const values = [time, limit];
		const [, deleted] = await this.#database.write(
			{ sql: `DELETE FROM messages WHERE report_id IN (${OLDEST_SQL})`, values },
			{ sql: `DELETE FROM reports WHERE id IN (${OLDEST_SQL}) RETURNING 1 AS deleted`, values },
		);
		return deleted?.length ?? 0;
	}

	/** @returns when the newest report arrived that is not newer than `time`; undefined without one */
	async newestArrival(time: Date): Promise<Date | undefined> {
		const sql = 'SELECT max(received_at) AS at FROM reports WHERE received_at <= $1';
		const [row] = await this.#database.query<{ at: StoredTime | null }>(sql, [time]);
		return row?.at ? toDate(row.at) : undefined;
	}

	/** Counts the reports that arrived by `until`, and those among them that arrived before `time`. Reads all of them. */
	async countArrivals(time: Date, until: Date): Promise<{ all: number; old: number }> {
		const [row] = await this.#database.query<{ all: number; old: number }>(COUNT_SQL, [time, until]);
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
			// the copies in this group are those of its first
			added.delete(keyOf(row));
			return result;
		});
	}
}

const OLDEST_SQL = 'SELECT id FROM reports WHERE received_at < $1 ORDER BY received_at, id LIMIT $2';

const COUNT_SQL = `
	SELECT CAST(count(*) AS integer) AS "all", CAST(count(*) FILTER (WHERE received_at < $1) AS integer) AS old
	FROM reports WHERE received_at <= $2`;

function keyOf({ report }: ReportRows): unknown {
	return report.duplicate_key;
}
