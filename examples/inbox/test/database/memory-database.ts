import type { Database } from '../../database/database.js';
import { openPglite } from '../../database/pglite.js';
import { createSchema } from '../../database/schema.js';

/** Milliseconds that the embedded database may take to start on a busy machine. */
export const START_TIMEOUT = 60_000;

/** An embedded database in memory, with its tables. */
export async function openMemoryDatabase(): Promise<Database> {
	const database = await openPglite(undefined);
	await createSchema(database);
	return database;
}

/** Empties the tables. */
export async function clear(database: Database): Promise<void> {
	await database.script('TRUNCATE reports, messages, unreadable RESTART IDENTITY');
}
