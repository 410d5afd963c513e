import { counters } from '../counters.js';
import { MIGRATIONS } from '../schema.js';
import { SQLITE } from './dialect.js';
import { SQLITE_EVENT_TRIGGERS } from './event-triggers.js';

/**
 * Replacements for PostgreSQL's SQL. Times are ISO 8601 text in UTC with milliseconds, so that they sort and are
 * readable; booleans are 0 and 1. Only AUTOINCREMENT guarantees that ids are never reused.
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
	'\n\t) WITH (autovacuum_vacuum_scale_factor = 0.02);': '\n\t) STRICT;',
	'\n\t) WITH (fillfactor = 50);': '\n\t) STRICT, WITHOUT ROWID;',
};

/** The migrations in SQLite's SQL. */
export const SQLITE_MIGRATIONS: readonly string[] = MIGRATIONS.map((sql) =>
	Object.entries(WORDS).reduce((text, [word, other]) => text.replaceAll(word, other), sql),
);

/** Triggers that update the counters. */
const COUNT_TRIGGERS = Object.entries({
	INSERT: { NEW: 1 },
	UPDATE: { OLD: -1, NEW: 1 },
	DELETE: { OLD: -1 },
})
	.map(([event, signs]) => {
		const { columns, addSql } = counters(SQLITE);
		const rows = Object.entries(signs).map(
			([row, sign]) => `SELECT ${sign} AS sign, ${columns.map((name) => `${row}.${name} AS ${name}`).join(', ')}`,
		);
		const name = `count_messages_${event.toLowerCase()}`;
		return `DROP TRIGGER IF EXISTS ${name};
			CREATE TRIGGER ${name} AFTER ${event} ON messages BEGIN
				${addSql(`(${rows.join(' UNION ALL ')}) AS counted`).join(';\n')};
			END;`;
	})
	.join('\n');

/** All triggers; recreated after each migration. */
export const SQLITE_TRIGGERS: string = [COUNT_TRIGGERS, SQLITE_EVENT_TRIGGERS].join('\n');
