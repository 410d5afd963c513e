import type { ClientBase } from 'pg';
import { MIGRATIONS } from '../schema.js';

/** Any number, but the same in every process that makes these tables. */
const SCHEMA_LOCK = 20_26_07_07;

/** @throws Error where the server cannot do what the inbox promises */
async function checkServer(client: ClientBase): Promise<void> {
	const { rows } = await client.query<{ encoding: string; fsync: string }>(
		`SELECT current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync`,
	);
	const { encoding, fsync } = rows[0] ?? {};
	if (encoding !== 'UTF8') throw new Error(`it has the encoding ${encoding}; create one with ENCODING 'UTF8'`);
	if (fsync === 'off') throw new Error('fsync is off in its server, so what is acknowledged would not be on the disk');
}

/**
 * Brings the tables up to date. Can run at every start, in several processes at once.
 *
 * @throws Error where the server cannot do what the inbox promises, or a newer inbox has been at work
 */
export async function migrate(client: ClientBase): Promise<void> {
	await checkServer(client);
	await client.query('BEGIN');
	// holds until the transaction ends, whichever way
	await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
	const version = await readVersion(client);
	if (version > MIGRATIONS.length) {
		throw new Error(`its tables have version ${version}, and this inbox knows ${MIGRATIONS.length} at most`);
	}
	for (const sql of MIGRATIONS.slice(version)) await client.query(sql);
	if (version < MIGRATIONS.length) await client.query('UPDATE schema_version SET version = $1', [MIGRATIONS.length]);
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
