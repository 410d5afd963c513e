import type { Config } from '../config.js';
import type { Database } from './database.js';
import { openPostgres } from './postgres/postgres.js';
import { openSqlite } from './sqlite/sqlite.js';

/**
 * Opens the configured database, with its tables made or brought up to date.
 *
 * @param onError - is told of connections that broke while nobody was using them
 * @throws Error that says in one sentence why that is not possible
 */
export async function openDatabase(
	{ databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>,
	onError: (error: Error) => void = () => {},
): Promise<Database> {
	try {
		return databaseUrl === undefined ? await openSqlite(dataDir) : await openPostgres(databaseUrl, onError);
	} catch (cause) {
		throw new Error(`The database cannot be opened: ${reasonOf(cause)}`, { cause });
	}
}

/** Node.js leaves the message empty where it tried several addresses of one host. */
function reasonOf(cause: unknown): string {
	const { message, code } = cause as { message?: string; code?: string };
	return message || code || String(cause);
}
