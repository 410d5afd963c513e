import type { Dialect } from '../database.js';

/** The SQL of PostgreSQL 12 and later. */
export const POSTGRES: Dialect = {
	name: 'postgres',
	epochSeconds: (time) => `CAST(floor(extract(epoch FROM ${time})) AS bigint)`,
	versionSql: 'SELECT CAST(txid_current_snapshot() AS text) AS version',
};
