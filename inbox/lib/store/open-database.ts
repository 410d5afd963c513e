import type { Config } from '../config.js';
import { type Database, DatabaseError, type Value } from './database.js';
import { openPostgres } from './postgres/postgres.js';
import { openSqlite } from './sqlite/sqlite.js';
import { storableText } from './storable.js';

/** What is told of a database beside the errors of its statements. */
export interface DatabaseEvents {
	/** A connection broke while nobody was using it. */
	onError?(error: Error): void;
	/** The database needs help: nothing will succeed any more before this process has been started again. */
	onBroken?(error: DatabaseError): void;
}

/**
 * Opens the configured database, with its tables made or brought up to date.
 *
 * @throws Error that says in one sentence why that is not possible
 */
export async function openDatabase(
	{ databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>,
	{ onError = () => {}, onBroken = () => {} }: DatabaseEvents = {},
): Promise<Database> {
	try {
		const opened = databaseUrl === undefined ? openSqlite(dataDir) : openPostgres(databaseUrl, onError);
		return watchForBroken(await opened, onBroken);
	} catch (cause) {
		throw new Error(`The database cannot be opened: ${reasonOf(cause)}`, { cause });
	}
}

function watchForBroken(database: Database, onBroken: (error: DatabaseError) => void): Database {
	async function watch<T>(running: Promise<T>): Promise<T> {
		try {
			return await running;
		} catch (error) {
			if (error instanceof DatabaseError && error.failure === 'broken') onBroken(error);
			throw error;
		}
	}
	return {
		...database,
		// a question from a URL may contain text that no database holds; this is how such text was stored
		query: <Row extends object>(sql: string, values: readonly Value[] = []) =>
			watch(database.query<Row>(sql, values.map(storable))),
		write: (...statements) => watch(database.write(...statements)),
	};
}

function storable(value: Value): Value {
	return typeof value === 'string' ? storableText(value) : value;
}

/** Node.js leaves the message empty where it tried several addresses of one host. */
function reasonOf(cause: unknown): string {
	const { message, code } = cause as { message?: string; code?: string };
	return message || code || String(cause);
}
