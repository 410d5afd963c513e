import { MIGRATIONS } from '../schema.js';

/**
 * What SQLite says instead. Times are text in ISO 8601, in UTC and with milliseconds, so that they sort and can be read;
 * booleans are 0 and 1. Only with AUTOINCREMENT an id is never used again.
 */
const WORDS: Readonly<Record<string, string>> = {
	'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY': 'integer PRIMARY KEY AUTOINCREMENT',
	bigint: 'integer',
	boolean: 'integer',
	timestamptz: 'text',
	jsonb: 'text',
	bytea: 'blob',
	' COLLATE "C"': '',
	'\n\t);': '\n\t) STRICT;',
};

/** The migrations as SQLite says them. */
export const SQLITE_MIGRATIONS: readonly string[] = MIGRATIONS.map((sql) =>
	Object.entries(WORDS).reduce((text, [word, other]) => text.replaceAll(word, other), sql),
);
