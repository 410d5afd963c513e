import type { Config } from '../config.js';
import type { Database } from './database.js';
import { openPglite } from './pglite.js';
import { openPostgres } from './postgres.js';
import { createSchema } from './schema.js';

/**
 * Opens the configured database, with its tables made.
 *
 * @param onError - is told of connections that broke while nobody was using them
 * @throws Error that says in one sentence why that is not possible
 */
export async function openDatabase(
	{ databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>,
	onError: (error: Error) => void,
): Promise<Database> {
	let database: Database | undefined;
	try {
		database = databaseUrl === undefined ? await openPglite(dataDir) : openPostgres(databaseUrl, onError);
		await createSchema(database);
		return database;
	} catch (cause) {
		await database?.close();
		throw new Error(`The database cannot be opened: ${reasonOf(cause)}`, { cause });
	}
}

/** Node.js leaves the message empty where it tried several addresses of one host. */
function reasonOf(cause: unknown): string {
	const { message, code } = cause as { message?: string; code?: string };
	return message || code || String(cause);
}
