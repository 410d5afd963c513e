import type { Dialect } from '../database.js';

/** The SQL of SQLite 3.45 and later. */
export const SQLITE: Dialect = {
	name: 'sqlite',
	epochSeconds: (time) => `CAST(unixepoch(${time}) AS integer)`,
	versionSql: 'SELECT data_version AS version FROM pragma_data_version',
};
