import type { Dialect } from '../database.js';
import { type Columns, MESSAGE_COLUMNS, REPORT_COLUMNS } from '../report-row.js';
import { REPORT_NAMES, updateMessagesSql } from '../report-sql.js';
import { storableJson } from '../storable.js';

/** The records of a JSON array, as rows. */
function records(json: string, columns: Columns): string {
	const types = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
	return `(SELECT * FROM json_to_recordset(${json}) AS record (${types.join(', ')}))`;
}

/**
 * A single statement, which saves round trips. If another process is storing a copy, the unique key makes this
 * statement wait for it, so the copy is not acknowledged before it is on disk. Rows are written in the order of their
 * keys, so that processes do not deadlock; their ids keep the order of arrival.
 *
 * The commit is durable, even if the database or the role has turned `synchronous_commit` off.
 */
const STORE_SQL = `
	WITH report AS (
		INSERT INTO reports (id, ${REPORT_NAMES}) OVERRIDING SYSTEM VALUE
		SELECT id, ${REPORT_NAMES}
		FROM (
			SELECT nextval(pg_get_serial_sequence('reports', 'id')) AS id, record.*
			FROM ${records('$1', REPORT_COLUMNS)} AS record
		) AS numbered
		ORDER BY duplicate_key
		ON CONFLICT (duplicate_key) DO NOTHING
		RETURNING id, duplicate_key
	), message AS (${updateMessagesSql(records('$2', MESSAGE_COLUMNS), 'report')})
	SELECT report.duplicate_key AS "duplicateKey", message.report_id IS NOT NULL AS "current"
	FROM report
	LEFT JOIN message ON message.report_id = report.id
	CROSS JOIN (
		SELECT set_config('synchronous_commit', CASE setting WHEN 'off' THEN 'on' ELSE setting END, true)
		FROM current_setting('synchronous_commit') AS setting
	) AS durable`;

/** An arbitrary lock number, the same in every process that migrates these tables. */
export const SCHEMA_LOCK = 20_26_07_07;

/**
 * Another arbitrary lock number: only one transaction at a time changes messages and their counters, which prevents
 * deadlocks.
 */
export const MESSAGES_LOCK = SCHEMA_LOCK + 1;

/** The SQL of PostgreSQL 12 and later. */
export const POSTGRES: Dialect = {
	async storeReports(database, rows) {
		const values = [storableJson(rows.map(({ report }) => report)), storableJson(rows.map(({ message }) => message))];
		const [added] = await database.write({ sql: STORE_SQL, values });
		return new Map(
			(added as { duplicateKey: string; current: boolean }[]).map(({ duplicateKey, current }) => [
				duplicateKey,
				current ? 'current' : 'superseded',
			]),
		);
	},
	// autovacuum does this
	reclaim: async () => false,
	timeAfter: (seconds) => `date_trunc('milliseconds', now() + make_interval(secs => ${seconds}))`,
	storedTime: (text) => `CAST(${text} AS timestamptz)`,
	lockMessagesSql: `SELECT pg_advisory_xact_lock(${MESSAGES_LOCK})`,
	skipLocked: 'FOR UPDATE SKIP LOCKED',
	epochSeconds: (time) => `CAST(floor(extract(epoch FROM ${time})) AS bigint)`,
	versionSql: 'SELECT CAST(txid_current_snapshot() AS text) AS version',
};
