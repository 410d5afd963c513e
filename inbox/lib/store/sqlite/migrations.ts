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

const { columns, addSql } = counters(SQLITE);

/** Notes a message in a trigger. */
const note = (sign: 1 | -1, row: 'NEW' | 'OLD') =>
	`INSERT INTO uncounted VALUES (${[sign, ...columns.map((name) => `${row}.${name}`)].join(', ')});`;

/** Triggers that note how messages change, because updating the counters for each message would be slow. */
const COUNT_TRIGGERS = Object.entries({
	INSERT: note(1, 'NEW'),
	[`UPDATE OF ${columns.join(', ')}`]: note(-1, 'OLD') + note(1, 'NEW'),
	DELETE: note(-1, 'OLD'),
})
	.map(([event, notes]) => {
		const name = `count_messages_${event.split(' ', 1)[0]?.toLowerCase()}`;
		return `DROP TRIGGER IF EXISTS ${name};
			CREATE TRIGGER ${name} AFTER ${event} ON messages BEGIN ${notes} END;`;
	})
	.join('\n');

/** Statements that update the counters, for the end of each transaction. */
export const SQLITE_COUNTING: readonly string[] = [...addSql('uncounted'), 'DELETE FROM uncounted'];

/** All triggers; recreated after each migration. */
export const SQLITE_TRIGGERS: string = [
	`CREATE TABLE IF NOT EXISTS uncounted (sign integer, ${columns.map((name) => `${name} text`).join(', ')}) STRICT;`,
	COUNT_TRIGGERS,
	SQLITE_EVENT_TRIGGERS,
	...SQLITE_COUNTING.map((sql) => `${sql};`),
].join('\n');
