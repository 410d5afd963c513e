import type { Database } from './database.js';
import { POSTGRES } from './postgres/dialect.js';
import { MESSAGE_COLUMNS, REPORT_COLUMNS, type ReportRows } from './report-row.js';
import { SQLITE } from './sqlite/dialect.js';
import { storableJson } from './storable.js';

/** What became of each report that was new, by its duplicate key. */
export type Added = ReadonlyMap<string, 'current' | 'superseded'>;

/**
 * Adds the reports that are new, and brings their messages up to date, in one transaction.
 *
 * @param rows - each duplicate key once, in the order of arrival
 */
export async function storeReports(database: Database, rows: readonly ReportRows[]): Promise<Added> {
	const reports = storableJson(rows.map(({ report }) => report));
	const messages = storableJson(rows.map(({ message }) => message));
	return database.dialect.name === 'postgres'
		? storeInPostgres(database, reports, messages)
		: storeInSqlite(database, reports, messages);
}

const REPORT_NAMES = Object.keys(REPORT_COLUMNS).join(', ');
const MESSAGE_NAMES = Object.keys(MESSAGE_COLUMNS)
	.filter((name) => name !== 'duplicate_key')
	.join(', ');

/**
 * Writes the greatest of the new reports into each message, unless that has a greater one. Of equal ones, which differ
 * in the spelling of their date or recipient only, the first stays.
 *
 * @param records - of the messages
 * @param reports - the new reports, with their ids
 */
function updateMessagesSql(records: string, reports: string): string {
	const values = MESSAGE_NAMES.split(', ').filter((name) => name !== 'key');
	return `
		INSERT INTO messages (${MESSAGE_NAMES}, report_id)
		SELECT ${MESSAGE_NAMES}, report_id FROM (
			SELECT record.*, report.id AS report_id,
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

/**
 * One statement, which saves ways to the server. A copy that another process is storing is waited for at the unique
 * key, so it is not acknowledged before it is on the disk. Rows are written in the order of their keys, so that
 * processes do not wait for each other in a circle; their ids keep the order of arrival.
 *
 * The transaction is on the disk when it ends, also where the database or the role have that switched off.
 */
const POSTGRES_SQL = `
	WITH report AS (
		INSERT INTO reports (id, ${REPORT_NAMES}) OVERRIDING SYSTEM VALUE
		SELECT id, ${REPORT_NAMES}
		FROM (
			SELECT nextval(pg_get_serial_sequence('reports', 'id')) AS id, record.*
			FROM ${POSTGRES.records('$1', REPORT_COLUMNS)} AS record
		) AS numbered
		ORDER BY duplicate_key
		ON CONFLICT (duplicate_key) DO NOTHING
		RETURNING id, duplicate_key
	), message AS (${updateMessagesSql(POSTGRES.records('$2', MESSAGE_COLUMNS), 'report')})
	SELECT report.duplicate_key AS "duplicateKey", message.report_id IS NOT NULL AS "current"
	FROM report
	LEFT JOIN message ON message.report_id = report.id
	CROSS JOIN (
		SELECT set_config('synchronous_commit', CASE setting WHEN 'off' THEN 'on' ELSE setting END, true)
		FROM current_setting('synchronous_commit') AS setting
	) AS durable`;

async function storeInPostgres(database: Database, reports: string, messages: string): Promise<Added> {
	const [rows] = await database.write({ sql: POSTGRES_SQL, values: [reports, messages] });
	const added = rows as { duplicateKey: string; current: boolean }[];
	return new Map(added.map(({ duplicateKey, current }) => [duplicateKey, current ? 'current' : 'superseded']));
}

const SQLITE_ADD_SQL = `
	INSERT INTO reports (${REPORT_NAMES})
	SELECT ${REPORT_NAMES} FROM ${SQLITE.records('$1', REPORT_COLUMNS)} WHERE true
	ON CONFLICT (duplicate_key) DO NOTHING
	RETURNING id, duplicate_key AS duplicateKey`;

/** The reports that the statement before has added: without the copies, as in PostgreSQL. */
const SQLITE_ADDED = '(SELECT id, duplicate_key FROM reports ORDER BY id DESC LIMIT changes())';

const SQLITE_UPDATE_SQL = updateMessagesSql(SQLITE.records('$1', MESSAGE_COLUMNS), SQLITE_ADDED);

async function storeInSqlite(database: Database, reports: string, messages: string): Promise<Added> {
	const [added, updated] = await database.write(
		{ sql: SQLITE_ADD_SQL, values: [reports] },
		{ sql: SQLITE_UPDATE_SQL, values: [messages] },
	);
	const current = new Set((updated as { report_id: number }[]).map(({ report_id }) => report_id));
	return new Map(
		(added as { id: number; duplicateKey: string }[]).map(({ id, duplicateKey }) => [
			duplicateKey,
			current.has(id) ? 'current' : 'superseded',
		]),
	);
}
