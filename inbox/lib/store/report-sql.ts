import { KEY_COLUMNS, MESSAGE_COLUMNS, REPORT_COLUMNS } from './report-row.js';

/** The columns of `reports` that a report fills. */
export const REPORT_NAMES = Object.keys(REPORT_COLUMNS).join(', ');

const MESSAGE_NAMES = Object.keys(MESSAGE_COLUMNS)
	.filter((name) => name !== 'duplicate_key')
	.join(', ');

/**
 * Writes the greatest of the new reports into each message, unless that has a greater one. Of equal ones, which differ
 * in the spelling of their date or recipient only, the first stays. Columns that the key determines are not set: SQLite
 * would write each of their indexes again.
 *
 * @param records - of the messages
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
