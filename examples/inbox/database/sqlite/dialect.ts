import type { Dialect } from '../database.js';

/** The SQL of SQLite 3.38 and later. */
export const SQLITE: Dialect = {
	name: 'sqlite',
	records(json, columns) {
		const names = Object.keys(columns).map((name) => `value ->> '${name}' AS ${name}`);
		return `(SELECT ${names.join(', ')} FROM json_each(${json}))`;
	},
	epochSeconds: (time) => `CAST(unixepoch(${time}) AS integer)`,
	versionSql: 'SELECT data_version AS version FROM pragma_data_version',
};
