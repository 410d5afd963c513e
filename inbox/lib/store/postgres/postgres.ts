import { Client, Pool, type PoolClient, type PoolConfig, DatabaseError as PostgresError } from 'pg';
import { type Database, DatabaseError, type Failure, type Statement, type Value } from '../database.js';
import { POSTGRES } from './dialect.js';
import { migrate } from './migrations.js';

/** The server cancels a statement after this time: less than the provider waits for its response. */
const STATEMENT_TIMEOUT_MS = 6_500;
/** A connection that does not respond within this time is treated as dead. */
const QUERY_TIMEOUT_MS = 7_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** After this silence the operating system probes the other side. */
const KEEP_ALIVE_DELAY_MS = 5_000;
/** Connections for queries. One more writes. */
const READERS = 4;

/**
 * The settings are part of each transaction: a pooler such as PgBouncer in transaction mode rejects them when the
 * connection starts, and settings of a session would reach other clients.
 */
const BEGIN_WRITE = `BEGIN; SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}`;
/** What pages read is in memory or on an SSD. The server's default assumes a disk, and reads whole tables instead. */
const BEGIN_READ = `BEGIN READ ONLY; SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}; SET LOCAL random_page_cost = 1.1`;

/**
 * Uses a PostgreSQL server, version 12 or newer.
 *
 * @param url - `postgres://user:password@host:5432/database`, with the parameters of libpq, such as `sslmode`
 * @param onError - called when an idle connection breaks
 */
export async function openPostgres(url: string, onError: (error: Error) => void): Promise<Database> {
	const settings = {
		connectionString: asInLibpq(url),
		connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
		keepAlive: true,
		keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
		application_name: 'mm7-inbox',
	};
	await withClient(settings, migrate);

	// pipelined, a transaction costs one round trip
	const limits = { ...settings, query_timeout: QUERY_TIMEOUT_MS, pipeline: true };
	const writer = new Pool({ ...limits, max: 1 });
	const readers = new Pool({ ...limits, max: READERS });
	// without a listener, a server that restarts would end this process
	for (const pool of [writer, readers]) pool.on('error', onError);

	const { hostname, pathname } = new URL(url);
	return {
		name: `PostgreSQL at ${hostname || 'the local socket'}${pathname}`,
		dialect: POSTGRES,
		async query<Row extends object>(sql: string, values: readonly Value[] = []) {
			const [rows] = await inTransaction(readers, BEGIN_READ, [{ sql, values }]);
			return rows as Row[];
		},
		write: (...statements) => inTransaction(writer, BEGIN_WRITE, statements),
		async close() {
			await Promise.all([writer.end(), readers.end()]);
		},
	};
}

/**
 * Gives `sslmode` the meaning that it has for psql, where `require` accepts any certificate. The driver would treat it as
 * `verify-full`.
 */
function asInLibpq(url: string): string {
	const parsed = new URL(url);
	parsed.searchParams.set('uselibpqcompat', 'true');
	return parsed.href;
}

/**
 * For a connection that is in use and breaks: what it was asked fails as well, and says so. Without a listener the process
 * would end, because the pool listens to idle ones only.
 */
function unheard(): void {}

async function withClient(settings: PoolConfig, use: (client: Client) => Promise<void>): Promise<void> {
	const client = new Client(settings);
	client.on('error', unheard);
	await client.connect();
	try {
		await use(client);
	} finally {
		await client.end();
	}
}

/**
 * Runs statements as one transaction. After an error the server ignores the rest, and its COMMIT rolls back.
 *
 * @throws DatabaseError
 */
async function inTransaction(pool: Pool, begin: string, statements: readonly Statement[]): Promise<object[][]> {
	let client: PoolClient | undefined;
	let failed = true;
	try {
		client = await pool.connect();
		client.on('error', unheard);
		const begun = client.query(begin);
		const running = statements.map(({ sql, values = [] }) => client?.query<object>(sql, [...values]));
		const [results] = await Promise.all([Promise.all(running), begun, client.query('COMMIT')]);
		failed = false;
		return results.map((result) => result?.rows ?? []);
	} catch (cause) {
		const { message, code } = cause as { message?: string; code?: string };
		// Node.js leaves the message empty where it tried several addresses of one host
		throw new DatabaseError(message || code || String(cause), failureOf(cause), code ?? 'CONNECTION', { cause });
	} finally {
		client?.release(failed);
		client?.off('error', unheard);
	}
}

/** Classes of SQLSTATE that are about the data of a statement: cardinality, data, constraints, conflicts, size. */
const REFUSED = ['21', '22', '23', '40', '54'];
/** Data and indexes that are damaged. */
const BROKEN = ['XX001', 'XX002'];

function failureOf(error: unknown): Failure {
	if (!(error instanceof PostgresError) || error.code === undefined) return 'unavailable';
	if (BROKEN.includes(error.code)) return 'broken';
	return REFUSED.includes(error.code.slice(0, 2)) ? 'refused' : 'unavailable';
}
