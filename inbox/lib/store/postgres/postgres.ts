import { Client, type ClientBase, Pool, type PoolConfig, DatabaseError as PostgresError } from 'pg';
import { type Database, DatabaseError, type Failure, type Statement, type Value } from '../database.js';
import { POSTGRES } from './dialect.js';
import { migrate } from './migrations.js';

/** Milliseconds after which the server gives a statement up: less than the provider waits for its answer. */
const STATEMENT_TIMEOUT = 6500;
/** Milliseconds after which a connection without an answer is taken for dead. */
const QUERY_TIMEOUT = 7000;
/** Milliseconds to get a connection. */
const CONNECT_TIMEOUT = 5000;
/** Milliseconds of silence after which the operating system asks the other side. */
const KEEP_ALIVE_DELAY = 5000;
/** Connections for queries. One more writes. */
const READERS = 4;
/** What pages read is in memory or on an SSD. By default the server reckons with a disk, and reads whole tables instead. */
const READER_SETTINGS = '-c random_page_cost=1.1';

/**
 * Uses a PostgreSQL server, version 12 or newer.
 *
 * @param url - `postgres://user:password@host:5432/database`, with the parameters of libpq, such as `sslmode`
 * @param onError - is told of connections that broke while nobody was using them
 */
export async function openPostgres(url: string, onError: (error: Error) => void): Promise<Database> {
	const settings = {
		connectionString: url,
		connectionTimeoutMillis: CONNECT_TIMEOUT,
		keepAlive: true,
		keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY,
		application_name: 'mm7-inbox',
	};
	await withClient(settings, migrate);

	const limits = { ...settings, statement_timeout: STATEMENT_TIMEOUT, query_timeout: QUERY_TIMEOUT };
	const writer = new Pool({ ...limits, max: 1 });
	const readers = new Pool({ ...limits, max: READERS, options: READER_SETTINGS });
	// without a listener, a server that restarts would end this process
	for (const pool of [writer, readers]) pool.on('error', onError);

	const { hostname, pathname } = new URL(url);
	return {
		name: `PostgreSQL at ${hostname || 'the local socket'}${pathname}`,
		dialect: POSTGRES,
		query: <Row extends object>(sql: string, values: readonly Value[] = []) =>
			translateErrors(async () => (await readers.query<Row>(sql, [...values])).rows),
		write: (...statements) => translateErrors(() => write(writer, statements)),
		async close() {
			await Promise.all([writer.end(), readers.end()]);
		},
	};
}

/**
 * For a connection that is in use and breaks: what it was asked fails as well, and says so. Without a listener the process
 * would end, for the pool listens to those that nobody uses only.
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

/** One statement is a transaction by itself, which saves the ways to the server. */
async function write(pool: Pool, statements: readonly Statement[]): Promise<object[][]> {
	const [only, ...more] = statements;
	if (only !== undefined && more.length === 0) return [await rowsOf(pool, only)];
	const client = await pool.connect();
	client.on('error', unheard);
	let failed = true;
	try {
		const results: object[][] = [];
		await client.query('BEGIN');
		for (const statement of statements) results.push(await rowsOf(client, statement));
		await client.query('COMMIT');
		failed = false;
		return results;
	} finally {
		// a connection that failed is closed, which ends its transaction
		client.release(failed);
		client.off('error', unheard);
	}
}

async function rowsOf(client: ClientBase | Pool, { sql, values = [] }: Statement): Promise<object[]> {
	return (await client.query(sql, [...values])).rows;
}

async function translateErrors<T>(run: () => Promise<T>): Promise<T> {
	try {
		return await run();
	} catch (cause) {
		const { message, code } = cause as { message?: string; code?: string };
		// Node.js leaves the message empty where it tried several addresses of one host
		throw new DatabaseError(message || code || String(cause), failureOf(cause), code ?? 'CONNECTION', { cause });
	}
}

/** Classes of SQLSTATE that are about the statement: cardinality, data, constraints, conflicts, syntax, size. */
const REFUSED = ['21', '22', '23', '40', '42', '54'];
/** Data and indexes that are damaged. */
const BROKEN = ['XX001', 'XX002'];

function failureOf(error: unknown): Failure {
	if (!(error instanceof PostgresError) || error.code === undefined) return 'unavailable';
	if (BROKEN.includes(error.code)) return 'broken';
	return REFUSED.includes(error.code.slice(0, 2)) ? 'refused' : 'unavailable';
}
