import type { Dialect } from '../database.js';

/** The SQL of PostgreSQL 12 and later. */
export const POSTGRES: Dialect = {
	name: 'postgres',
	records(json, columns) {
		const types = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
		return `(SELECT * FROM json_to_recordset(${json}) AS record (${types.join(', ')}))`;
	},
	epochSeconds: (time) => `CAST(floor(extract(epoch FROM ${time})) AS bigint)`,
	versionSql: 'SELECT CAST(txid_current_snapshot() AS text) AS version',
};
