import type { Dialect } from '../database.js';
import { type Columns, MESSAGE_COLUMNS, REPORT_COLUMNS } from '../report-row.js';
import { REPORT_NAMES, updateMessagesSql } from '../report-sql.js';
import { storableJson } from '../storable.js';

/** Selects the records of the JSON array `$1` as rows. */
function records(columns: Columns): string {
	const names = Object.entries(columns).map(([name, type]) => {
		const value = `record ->> '${name}'`;
		// skip the \\x with which PostgreSQL marks bytes
		return `${type === 'bytea' ? `unhex(substr(${value}, 3))` : value} AS ${name}`;
	});
	// the limit keeps SQLite from flattening the inner SELECT, and so from serializing each record again for every
	// column, which halves the cost of a row of 26 columns
	return `(SELECT ${names.join(', ')} FROM (SELECT jsonb(value) AS record FROM json_each($1) LIMIT -1))`;
}

const ADD_SQL = `
	INSERT INTO reports (${REPORT_NAMES})
	SELECT ${REPORT_NAMES} FROM ${records(REPORT_COLUMNS)} WHERE true
	ON CONFLICT (duplicate_key) DO NOTHING
	RETURNING id, duplicate_key AS duplicateKey`;

/** Selects the reports that the previous statement added: without duplicates, as in PostgreSQL. */
const ADDED = '(SELECT id, duplicate_key FROM reports ORDER BY id DESC LIMIT changes())';

const UPDATE_SQL = updateMessagesSql(records(MESSAGE_COLUMNS), ADDED);

/** The share of free pages to keep, because SQLite reuses them. */
const MAX_FREE_SHARE = 0.1;
/** The number of 2 kB pages that one transaction returns. */
const RECLAIMED_PAGES = 1_000;

/** The SQL of SQLite 3.45 and later. */
export const SQLITE: Dialect = {
	async storeReports(database, rows) {
		const [added, updated] = await database.write(
			{ sql: ADD_SQL, values: [storableJson(rows.map(({ report }) => report))] },
			{ sql: UPDATE_SQL, values: [storableJson(rows.map(({ message }) => message))] },
		);
		const current = new Set((updated as { report_id: number }[]).map(({ report_id }) => report_id));
		return new Map(
			(added as { id: number; duplicateKey: string }[]).map(({ id, duplicateKey }) => [
				duplicateKey,
				current.has(id) ? 'current' : 'superseded',
			]),
		);
	},
	async reclaim(database) {
		const [count] = await database.query<{ free: number; pages: number }>(
			'SELECT freelist_count AS free, page_count AS pages FROM pragma_freelist_count, pragma_page_count',
		);
		if (!count || count.free < count.pages * MAX_FREE_SHARE) return false;
		await database.write({ sql: `PRAGMA incremental_vacuum(${RECLAIMED_PAGES})` });
		return true;
	},
	timeAfter: (seconds) => `strftime('%Y-%m-%dT%H:%M:%fZ', 'now', (${seconds}) || ' seconds')`,
	storedTime: (text) => text,
	// one transaction writes at a time
	skipLocked: '',
	epochSeconds: (time) => `CAST(unixepoch(${time}) AS integer)`,
	versionSql: 'SELECT data_version AS version FROM pragma_data_version',
};
