import type { DeliveryReport, DeliveryState, ReadReply } from 'mm7-delivery-reports';
import { type Database, DatabaseError } from '../database/database.js';
import { GroupCommit } from './group-commit.js';
import { type ReportRows, reportRows } from './report-row.js';
import { searchKeyOf } from './search-key.js';
import { storableText } from './storable.js';
import { storeReports } from './store-reports.js';

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

/** A report as the page shows it. */
export interface ListedReport {
	/** Grows with each report; a text, for it may outgrow a JavaScript number. */
	readonly id: string;
	readonly receivedAt: Date;
	readonly date: Date | null;
	readonly messageId: string;
	readonly recipient: string;
	readonly sender: string | null;
	readonly mmStatus: string;
	readonly state: DeliveryState;
	readonly statusText: string | null;
	/** True where the message's state came from an earlier report. */
	readonly late: boolean;
}

/** Number of messages by their state. */
export type StateCounts = Record<DeliveryState, number>;

/** Most reports, and most characters of XML, in one transaction. */
const LARGEST_GROUP = { items: 500, size: 4_000_000, sizeOf: ({ report }: ReportRows) => String(report.xml).length };

const LARGEST_ID = '9223372036854775807';

/** Stores reports and finds them again. */
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

	/** Settles when no report is being stored. */
	finished(): Promise<void> {
		return this.#group.finished();
	}

	/**
	 * The newest reports.
	 *
	 * @param limit - most reports
	 * @param before - id of a report: only older ones
	 */
	latest(limit: number, before = LARGEST_ID): Promise<ListedReport[]> {
		const page = 'SELECT id FROM reports WHERE id < CAST($1 AS bigint) ORDER BY id DESC LIMIT $2';
		return this.#list(page, [before, limit]);
	}

	/** The newest reports of the messages with this MessageID, or from or to this number. */
	search(text: string, limit: number, before = LARGEST_ID): Promise<ListedReport[]> {
		return this.#list(SEARCH_SQL, [before, limit, storableText(text.trim()), searchKeyOf(text.trim())]);
	}

	async counts(): Promise<StateCounts> {
		const counts: StateCounts = { delivered: 0, failed: 0, pending: 0, unknown: 0 };
		const rows = await this.#database.query<{ state: DeliveryState; count: number }>(
			'SELECT state, CAST(count(*) AS integer) AS count FROM messages GROUP BY state',
		);
		for (const { state, count } of rows) counts[state] = count;
		return counts;
	}

	async #storeAll(rows: readonly ReportRows[]): Promise<StoreResult[]> {
		const different = new Map(rows.map((row) => [keyOf(row), row]));
		const added = new Map<unknown, StoreResult>(await storeReports(this.#database, [...different.values()]));
		return rows.map((row) => {
			const result = added.get(keyOf(row)) ?? 'duplicate';
			// the copies in this group are those of its first
			added.delete(keyOf(row));
			return result;
		});
	}

	/** @param page - selects the ids of the reports to be listed */
	async #list(page: string, values: readonly (string | number)[]): Promise<ListedReport[]> {
		const rows = await this.#database.query<ListedReport>(listSql(page), values);
		return rows.map((row) => ({
			...row,
			receivedAt: new Date(row.receivedAt),
			date: row.date && new Date(row.date),
			late: Boolean(row.late),
		}));
	}
}

/** The primary key is nearly in the order of arrival, so no index of the times is needed. */
const OLDEST_SQL = `
	SELECT id FROM (SELECT id, received_at FROM reports ORDER BY id LIMIT $2) AS oldest WHERE received_at < $1`;

function keyOf({ report }: ReportRows): unknown {
	return report.duplicate_key;
}

/** Each part uses an index of its own. */
const SEARCH_SQL = `
	SELECT id FROM reports WHERE id < CAST($1 AS bigint) AND message_key IN (
		${['substr(message_id, 1, 200) = substr($3, 1, 200)', 'recipient = $4', 'sender = $4']
			.map((condition) => `SELECT key FROM messages WHERE ${condition}`)
			.join(' UNION ')}
	) ORDER BY id DESC LIMIT $2`;

function listSql(page: string): string {
	return `
		WITH page AS (${page})
		SELECT CAST(report.id AS text) AS "id", report.received_at AS "receivedAt", report.date AS "date",
			report.message_id AS "messageId", report.mm_status AS "mmStatus", report.state AS "state",
			coalesce(report.recipient ->> 'number', report.recipient ->> 'address') AS "recipient",
			coalesce(report.sender ->> 'number', report.sender ->> 'address') AS "sender",
			report.status_text AS "statusText", coalesce(message.report_id < report.id, false) AS "late"
		FROM page
		JOIN reports AS report ON report.id = page.id
		LEFT JOIN messages AS message ON message.key = report.message_key
		ORDER BY report.id DESC`;
}
