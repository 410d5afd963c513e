import type { Dialect } from '../database.js';

/** The SQL of SQLite 3.45 and later. */
export const SQLITE: Dialect = {
	name: 'sqlite',
	records(json, columns) {
		const names = Object.keys(columns).map((name) => `record ->> '${name}' AS ${name}`);
		// SQLite would make the text of a record anew for each column; with the limit it does not look into the inner
		// SELECT, and a row of 26 columns costs half
		return `(SELECT ${names.join(', ')} FROM (SELECT jsonb(value) AS record FROM json_each(${json}) LIMIT -1))`;
	},
	epochSeconds: (time) => `CAST(unixepoch(${time}) AS integer)`,
	versionSql: 'SELECT data_version AS version FROM pragma_data_version',
};
