import { KEY_COLUMNS, MESSAGE_COLUMNS, REPORT_COLUMNS } from './report-row.js';

/** The columns of `reports` that are set for each report. */
export const REPORT_NAMES = Object.keys(REPORT_COLUMNS).join(', ');

const MESSAGE_NAMES = Object.keys(MESSAGE_COLUMNS)
	.filter((name) => name !== 'duplicate_key')
	.join(', ');

/**
 * Updates each message with the new report of the highest rank, unless the message already has a higher one. If ranks
 * are equal, which only happens if reports differ just in the notation of their date or recipient, the first one wins.
 * Columns that the key determines are not set, because SQLite would rewrite all their indexes.
 *
 * @param records - the records of the messages
 * @param reports - the new reports, with their ids
 */
export function updateMessagesSql(records: string, reports: string): string {
	const values = MESSAGE_NAMES.split(', ').filter((name) => !KEY_COLUMNS.includes(name) && name !== 'submitted_at');
	return `
		INSERT INTO messages (${MESSAGE_NAMES}, started_at, report_id)
		SELECT ${MESSAGE_NAMES}, coalesce(submitted_at, first_at), report_id FROM (
			SELECT record.*, report.id AS report_id, min(record.received_at) OVER (PARTITION BY record.key) AS first_at,
				row_number() OVER (PARTITION BY record.key ORDER BY record.rank DESC, report.id) AS place
			FROM ${records} AS record JOIN ${reports} AS report ON report.duplicate_key = record.duplicate_key
		) AS placed
		WHERE place = 1
		ORDER BY key
		ON CONFLICT (key) DO UPDATE SET
			${values.map((name) => `${name} = excluded.${name}`).join(', ')}, report_id = excluded.report_id
		WHERE excluded.rank > messages.rank
		RETURNING report_id`;
}
