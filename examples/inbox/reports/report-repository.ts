import type { DeliveryReport, DeliveryState } from 'mm7-delivery-reports';
import type { Database } from '../database/database.js';
import { reportRow } from './report-row.js';
import { searchKeyOf } from './search-key.js';
import { storableText } from './storable.js';

/**
 * What became of a report:
 * - `current`: it is new and says what its message's state is now;
 * - `superseded`: it is new, but the state of its message was certain already, or known from a later report;
 * - `duplicate`: it had been stored before.
 */
export type Stored = 'current' | 'superseded' | 'duplicate';

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

/** Stores reports and finds them again. */
export interface ReportRepository {
	/**
	 * Stores a report unless it is stored already, and brings its message up to date, in one transaction.
	 *
	 * @param xml - the SOAP part as it came
	 */
	add(report: DeliveryReport, xml: string): Promise<Stored>;
	/**
	 * The newest reports.
	 *
	 * @param limit - most reports
	 * @param before - id of a report: only older ones
	 */
	latest(limit: number, before?: string): Promise<ListedReport[]>;
	/** The newest reports with this MessageID, or from or to this number. */
	search(text: string, limit: number, before?: string): Promise<ListedReport[]>;
	counts(): Promise<StateCounts>;
}

/**
 * How sure a report is of the end of its message. The state of a message is that of its greatest report, by
 * certainty, then date, then arrival. The order is total: whichever way reports arrive, also two at one time, the
 * outcome is the same.
 */
const CERTAINTY = `CASE WHEN NOT final THEN 0 WHEN state = 'unknown' THEN 1 ELSE 2 END`;

const LARGEST_ID = '9223372036854775807';

/** Makes the repository; the database has to have the tables. */
export function reportRepository(database: Database): ReportRepository {
	return {
		async add(report, xml) {
			const row = reportRow(report, xml);
			const [added] = await database.query<{ current: boolean }>(addSql(Object.keys(row)), Object.values(row));
			if (added === undefined) return 'duplicate';
			return added.current ? 'current' : 'superseded';
		},
		latest(limit, before = LARGEST_ID) {
			return database.query(listSql('SELECT id FROM reports WHERE id < $1::bigint ORDER BY id DESC LIMIT $2'), [
				before,
				limit,
			]);
		},
		search(text, limit, before = LARGEST_ID) {
			const messageId = storableText(text.trim());
			return database.query(listSql(SEARCH_SQL), [before, limit, messageId, searchKeyOf(text.trim())]);
		},
		async counts() {
			const counts: StateCounts = { delivered: 0, failed: 0, pending: 0, unknown: 0 };
			const rows = await database.query<{ state: DeliveryState; count: string }>(
				'SELECT state, count(*)::text AS count FROM messages GROUP BY state',
			);
			for (const { state, count } of rows) counts[state] = Number(count);
			return counts;
		},
	};
}

/**
 * One statement, hence one transaction. A second copy that comes at the same time waits at the unique key until the
 * first is on the disk, so it is not acknowledged before; a second report of the message waits at the message's row.
 */
function addSql(columns: readonly string[]): string {
	return `
		WITH report AS (
			INSERT INTO reports (${columns.join(', ')})
			VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')})
			ON CONFLICT (duplicate_key) DO NOTHING
			RETURNING *
		), message AS (
			INSERT INTO messages (key, message_id, recipient, state, final, mm_status, certainty, at, report_id)
			SELECT message_key, message_id, recipient_search, state, final, mm_status,
				${CERTAINTY}, coalesce(date, received_at), id
			FROM report
			ON CONFLICT (key) DO UPDATE SET
				state = excluded.state, final = excluded.final, mm_status = excluded.mm_status,
				certainty = excluded.certainty, at = excluded.at, report_id = excluded.report_id
			WHERE (excluded.certainty, excluded.at, excluded.report_id)
				> (messages.certainty, messages.at, messages.report_id)
			RETURNING key
		)
		SELECT EXISTS (SELECT FROM message) AS current FROM report`;
}

/** Each part reads no more rows than asked for, from an index of its own. */
const SEARCH_SQL = ['left(message_id, 200) = left($3, 200)', 'recipient_search = $4', 'sender_search = $4']
	.map((condition) => `(SELECT id FROM reports WHERE ${condition} AND id < $1::bigint ORDER BY id DESC LIMIT $2)`)
	.join(' UNION ')
	.concat(' ORDER BY id DESC LIMIT $2');

/** @param page - selects the ids of the reports to be listed */
function listSql(page: string): string {
	return `
		WITH page AS (${page})
		SELECT report.id::text AS "id", report.received_at AS "receivedAt", report.date AS "date",
			report.message_id AS "messageId", report.mm_status AS "mmStatus", report.state AS "state",
			coalesce(report.recipient->>'number', report.recipient->>'address') AS "recipient",
			coalesce(report.sender->>'number', report.sender->>'address') AS "sender",
			report.status_text AS "statusText", coalesce(message.report_id < report.id, false) AS "late"
		FROM page
		JOIN reports report USING (id)
		LEFT JOIN messages message ON message.key = report.message_key
		ORDER BY report.id DESC`;
}
