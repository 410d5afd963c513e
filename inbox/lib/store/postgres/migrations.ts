import type { ClientBase } from 'pg';
import { counters } from '../counters.js';
import { MIGRATIONS } from '../schema.js';
import { MESSAGES_LOCK, POSTGRES, SCHEMA_LOCK } from './dialect.js';
import { POSTGRES_EVENT_TRIGGERS } from './event-triggers.js';

/** Functions and triggers that update the counters. */
const COUNT_TRIGGERS = Object.entries({
	INSERT: { added: 1 },
	UPDATE: { removed: -1, added: 1 },
	DELETE: { removed: -1 },
})
	.map(([event, signs]) => {
		const tables = { added: 'NEW TABLE AS added', removed: 'OLD TABLE AS removed' };
		const names = Object.keys(signs) as (keyof typeof tables)[];
		const rows = Object.entries(signs).map(([table, sign]) => `SELECT ${sign} AS sign, ${table}.* FROM ${table}`);
		const name = `count_messages_${event.toLowerCase()}`;
		return `
			CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN
				IF EXISTS (SELECT FROM ${names[0]}) THEN
					PERFORM pg_advisory_xact_lock(${MESSAGES_LOCK});
					${counters(POSTGRES)
						.addSql(`(${rows.join(' UNION ALL ')}) AS counted`)
						.join(';\n')};
				END IF;
				RETURN NULL;
			END $$;
			DROP TRIGGER IF EXISTS ${name} ON messages;
			CREATE TRIGGER ${name} AFTER ${event} ON messages
				REFERENCING ${names.map((table) => tables[table]).join(' ')}
				FOR EACH STATEMENT EXECUTE FUNCTION ${name}();`;
	})
	.join('\n');

/** A migration may take hours, and other processes wait for it. Not every version of PostgreSQL has all the settings. */
const NO_TIME_LIMITS = `
	SELECT set_config(name, '0', true) FROM pg_settings
	WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout')`;

/** @throws Error if the server cannot keep the inbox's guarantees */
async function checkServer(client: ClientBase): Promise<void> {
	const { rows } = await client.query<{ encoding: string; fsync: string }>(
		`SELECT current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync`,
	);
	const { encoding, fsync } = rows[0] ?? {};
	if (encoding !== 'UTF8') throw new Error(`it has the encoding ${encoding}; create one with ENCODING 'UTF8'`);
	if (fsync === 'off') throw new Error('fsync is off in its server, so what is acknowledged would not be on the disk');
}

/**
 * Migrates the tables. Can run at every start, in several processes at once.
 *
 * @throws Error if the server cannot keep the inbox's guarantees or a newer inbox has migrated the tables
 */
export async function migrate(client: ClientBase, migrations = MIGRATIONS): Promise<void> {
	await checkServer(client);
	await client.query('BEGIN');
	await client.query(NO_TIME_LIMITS);
	// held until the transaction commits or rolls back
	await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
	const version = await readVersion(client);
	if (version > migrations.length) {
		throw new Error(`its tables have version ${version}, but this inbox supports only up to ${migrations.length}`);
	}
	for (const sql of migrations.slice(version)) await client.query(sql);
	if (version < migrations.length) {
		// recreated after each migration
		await client.query(COUNT_TRIGGERS);
		await client.query(POSTGRES_EVENT_TRIGGERS);
		await client.query('UPDATE schema_version SET version = $1', [migrations.length]);
	}
	await client.query('COMMIT');
}

async function readVersion(client: ClientBase): Promise<number> {
	const { rows: tables } = await client.query(`SELECT to_regclass('schema_version') AS name`);
	if (tables[0]?.name === null) {
		await client.query('CREATE TABLE schema_version (version integer NOT NULL)');
		await client.query('INSERT INTO schema_version VALUES (0)');
	}
	const { rows } = await client.query<{ version: number }>('SELECT version FROM schema_version');
	return rows[0]?.version ?? 0;
}
