import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config.js';
import { type Database, DatabaseError, type Value } from './database.js';
import { openPostgres } from './postgres/postgres.js';
import { openSqlite } from './sqlite/sqlite.js';
import { storableText } from './storable.js';

/** Between two attempts to open. */
const RETRY_DELAY_MS = 1_000;

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

/**
 * Opens the database as soon as it can be reached, for a process that is started while its server is away.
 *
 * @param onAway - called once if it has to wait
 * @throws Error if waiting is of no use
 */
export async function openWhenAvailable(
	config: Pick<Config, 'databaseUrl' | 'dataDir'>,
	events: DatabaseEvents,
	onAway: (error: unknown) => void,
): Promise<Database> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await openDatabase(config, events);
		} catch (error) {
			if (config.databaseUrl === undefined || !isAway((error as Error).cause)) throw error;
			if (attempt === 1) onAway(error);
			await delay(RETRY_DELAY_MS);
		}
	}
}

/** Whether a server cannot be reached (an error of the system), or says itself that it has to start or has no room. */
function isAway(cause: unknown): boolean {
	const { code, errno, message = '' } = cause as { code?: string; errno?: number; message?: string };
	if (code === undefined) return /timeout|terminated/.test(message);
	return errno !== undefined || cause instanceof AggregateError || ['08', '53', '57'].includes(code.slice(0, 2));
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
		search: <Row extends object>(sql: string, values: readonly Value[] = []) =>
			watch(database.search<Row>(sql, values.map(storable))),
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
