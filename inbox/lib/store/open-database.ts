import { setTimeout as delay } from 'node:timers/promises';
import { type Database, DatabaseError, type Engine, messageOf, type Value } from './database.js';
import { openPostgres } from './postgres/postgres.js';
import { openSqlite } from './sqlite/sqlite.js';
import { storableText } from './storable.js';

/** The delay between attempts to open the database. */
const RETRY_DELAY_MS = 1_000;

/** The place of the database. */
export interface DatabasePlace {
	/** PostgreSQL; without it, the embedded database in `dataDir`. */
	readonly databaseUrl: string | undefined;
	/** The folder of the embedded database. */
	readonly dataDir: string;
}

/** Database events other than the errors of statements. */
export interface DatabaseEvents {
	/** Called when an idle connection breaks. */
	onError?(error: Error): void;
	/** Called when the database is broken: nothing will succeed until it is fixed and this process is restarted. */
	onBroken?(error: DatabaseError): void;
}

/**
 * Opens the configured database and creates or migrates its tables.
 *
 * @throws Error with the reason in one sentence
 */
export async function openDatabase(
	{ databaseUrl, dataDir }: DatabasePlace,
	{ onError = () => {}, onBroken = () => {} }: DatabaseEvents = {},
): Promise<Database> {
	try {
		const opened = databaseUrl === undefined ? openSqlite(dataDir) : openPostgres(databaseUrl, onError);
		return makeDatabase(await opened, onBroken);
	} catch (cause) {
		throw new Error(`The database cannot be opened: ${messageOf(cause)}`, { cause });
	}
}

/**
 * Opens the database as soon as it is reachable, for a process that starts while its database server is down.
 *
 * @param onAway - called once if it has to wait
 * @throws Error if waiting would not help
 */
export async function openWhenAvailable(
	place: DatabasePlace,
	events: DatabaseEvents,
	onAway: (error: unknown) => void,
): Promise<Database> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await openDatabase(place, events);
		} catch (error) {
			if (place.databaseUrl === undefined || !isAway((error as Error).cause)) throw error;
			if (attempt === 1) onAway(error);
			await delay(RETRY_DELAY_MS);
		}
	}
}

/** Checks whether a server is unreachable (a system error), or reports that it is starting up or out of resources. */
function isAway(cause: unknown): boolean {
	const { code, errno, message = '' } = cause as { code?: string; errno?: number; message?: string };
	if (code === undefined) return /timeout|terminated/.test(message);
	return errno !== undefined || cause instanceof AggregateError || ['08', '53', '57'].includes(code.slice(0, 2));
}

function makeDatabase(engine: Engine, onBroken: (error: DatabaseError) => void): Database {
	const run: Engine['run'] = async (purpose, statements) => {
		try {
			return await engine.run(purpose, statements);
		} catch (error) {
			if (error instanceof DatabaseError && error.failure === 'broken') onBroken(error);
			throw error;
		}
	};

	function reader(purpose: 'query' | 'search'): Database['query'] {
		return async <Row extends object>(sql: string, values: readonly Value[] = []) => {
			// a value from a URL may contain characters that PostgreSQL cannot store; they were replaced the same way on
			// storing
			const [rows = []] = await run(purpose, [{ sql, values: values.map(storable) }]);
			return rows as Row[];
		};
	}

	return {
		...engine,
		query: reader('query'),
		search: reader('search'),
		write: (...statements) => run('write', statements),
	};
}

function storable(value: Value): Value {
	return typeof value === 'string' ? storableText(value) : value;
}
