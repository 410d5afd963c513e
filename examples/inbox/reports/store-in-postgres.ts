import type { Columns, Database } from '../database/database.js';
import { MESSAGE_COLUMNS, REPORT_COLUMNS, type ReportRows } from './report-row.js';
import { storableJson } from './storable.js';
import { type Added, MESSAGE_NAMES, REPORT_NAMES, UNLESS_GREATER_SQL } from './store-sql.js';

/** Items of a FROM clause: the records of a JSON array as rows. */
function records(json: string, columns: Columns): string {
	const types = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
	return `json_to_recordset(${json}) AS record (${types.join(', ')})`;
}

/**
 * One statement, which saves ways to the server. A copy that another process is storing is waited for at the unique
 * key, so it is not acknowledged before it is on the disk. Rows are written in the order of their keys, so that
 * processes do not wait for each other in a circle; their ids keep the order of arrival.
 *
 * The transaction is on the disk when it ends, also where the database or the role have that switched off.
 */
const SQL = `
	WITH report AS (
		INSERT INTO reports (id, ${REPORT_NAMES}) OVERRIDING SYSTEM VALUE
		SELECT id, ${REPORT_NAMES}
		FROM (
			SELECT nextval(pg_get_serial_sequence('reports', 'id')) AS id, record.*
			FROM ${records('$1', REPORT_COLUMNS)}
		) AS numbered
		ORDER BY duplicate_key
		ON CONFLICT (duplicate_key) DO NOTHING
		RETURNING id, duplicate_key
	), message AS (
		INSERT INTO messages (${MESSAGE_NAMES}, report_id)
		SELECT ${MESSAGE_NAMES}, report_id FROM (
			SELECT record.*, report.id AS report_id,
				row_number() OVER (PARTITION BY record.key ORDER BY record.certainty DESC, record.at DESC, report.id DESC) AS place
			FROM ${records('$2', MESSAGE_COLUMNS)} JOIN report ON report.duplicate_key = record.duplicate_key
		) AS placed
		WHERE place = 1
		ORDER BY key
		${UNLESS_GREATER_SQL}
		RETURNING report_id
	)
	SELECT report.duplicate_key AS "duplicateKey", message.report_id IS NOT NULL AS "current"
	FROM report
	LEFT JOIN message ON message.report_id = report.id
	CROSS JOIN (
		SELECT set_config('synchronous_commit', CASE setting WHEN 'off' THEN 'on' ELSE setting END, true)
		FROM current_setting('synchronous_commit') AS setting
	) AS durable`;

/** Stores reports in PostgreSQL, which takes them as records in JSON. */
export async function storeInPostgres(database: Database, rows: readonly ReportRows[]): Promise<Added> {
	const values = [storableJson(rows.map(({ report }) => report)), storableJson(rows.map(({ message }) => message))];
	const [added] = await database.write({ sql: SQL, values });
	return new Map(
		(added as { duplicateKey: string; current: boolean }[]).map(({ duplicateKey, current }) => [
			duplicateKey,
			current ? 'current' : 'superseded',
		]),
	);
}
