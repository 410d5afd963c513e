import type { Config } from '../config.js';
import type { Database } from './database.js';
import { openPglite } from './pglite.js';
import { openPostgres } from './postgres.js';
import { createSchema } from './schema.js';

/**
 * Opens the configured database, with its tables made.
 *
 * @param onError - is told of connections that broke while nobody was using them
 */
export async function openDatabase(
	{ databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>,
	onError: (error: Error) => void,
): Promise<Database> {
	const database = databaseUrl === undefined ? await openPglite(dataDir) : await openPostgres(databaseUrl, onError);
	try {
		await createSchema(database);
	} catch (error) {
		await database.close();
		throw error;
	}
	return database;
}
