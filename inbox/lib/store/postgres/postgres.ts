import { Client, Pool, type PoolClient, type PoolConfig, DatabaseError as PostgresError } from 'pg';
import { DatabaseError, type Engine, type Failure, messageOf, type Statement } from '../database.js';
import { POSTGRES } from './dialect.js';
import { migrate } from './migrations.js';

/** The server cancels a write after this time, which is shorter than the provider's timeout. */
const WRITE_LIMIT_MS = 6_500;
/** The same for reads: for those of few rows and those that may read many. */
const QUERY_LIMIT_MS = 2_500;
const SEARCH_LIMIT_MS = 10_000;
/** A connection that is silent for this long after a statement's time limit is considered dead. */
const GRACE_MS = 500;
const CONNECT_TIMEOUT_MS = 5_000;
/** The operating system sends keep-alive probes after this much silence. */
const KEEP_ALIVE_DELAY_MS = 5_000;
/** The number of connections for each kind of read. One more connection writes. */
const READERS = 2;

/**
 * The settings are part of each transaction: a pooler such as PgBouncer in transaction mode rejects them as startup
 * parameters, and session settings would leak to other clients.
 */
const begin = (mode: string, limit: number, more = '') =>
	`BEGIN ${mode}; SET LOCAL statement_timeout = ${limit}${more}`;
/**
 * Page data is in memory or on an SSD. The server's default assumes a hard disk, and it would scan whole tables.
 * Compiling a query takes longer than running one that stops at a limit.
 */
const FOR_READING = '; SET LOCAL random_page_cost = 1.1; SET LOCAL jit = off';

/**
 * Connects to a PostgreSQL server, version 12 or later.
 *
 * @param url - `postgres://user:password@host:5432/database`, with the parameters of libpq, such as `sslmode`
 * @param onError - called when an idle connection breaks
 */
export async function openPostgres(url: string, onError: (error: Error) => void): Promise<Engine> {
	const settings = {
		connectionString: asInLibpq(url),
		connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
		keepAlive: true,
		keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
		application_name: 'mm7-inbox',
	};
	await withClient(settings, migrate);

	function makePool(max: number, limit: number): Pool {
		// with pipelining, a transaction takes one round trip
		const pool = new Pool({ ...settings, query_timeout: limit + GRACE_MS, pipeline: true, max });
		// without a listener, a server restart would crash this process
		return pool.on('error', onError);
	}
	const connections = {
		query: { pool: makePool(READERS, QUERY_LIMIT_MS), begin: begin('READ ONLY', QUERY_LIMIT_MS, FOR_READING) },
		search: { pool: makePool(READERS, SEARCH_LIMIT_MS), begin: begin('READ ONLY', SEARCH_LIMIT_MS, FOR_READING) },
		write: { pool: makePool(1, WRITE_LIMIT_MS), begin: begin('', WRITE_LIMIT_MS) },
	};

	const { hostname, pathname } = new URL(url);
	return {
		name: `PostgreSQL at ${hostname || 'the local socket'}${pathname}`,
		dialect: POSTGRES,
		async run(purpose, statements) {
			const { pool, begin } = connections[purpose];
			try {
				return await inTransaction(pool, begin, statements);
			} catch (error) {
				throw purpose !== 'write' && isSlow(error as DatabaseError, pool) ? asSlow(error as DatabaseError) : error;
			}
		},
		async close() {
			await Promise.all(Object.values(connections).map(({ pool }) => pool.end()));
		},
	};
}

/**
 * Gives `sslmode` the same meaning as in psql, where `require` accepts any certificate. The driver would treat it as
 * `verify-full`.
 */
function asInLibpq(url: string): string {
	const parsed = new URL(url);
	parsed.searchParams.set('uselibpqcompat', 'true');
	return parsed.href;
}

/**
 * A listener for connections that break while in use. Their statements fail too, which reports the error. Without a
 * listener the process would crash, because the pool only listens to idle connections.
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
 * Runs statements as one transaction. After an error the server skips the rest, and the COMMIT rolls back.
 *
 * @throws DatabaseError
 */
async function inTransaction(pool: Pool, beginSql: string, statements: readonly Statement[]): Promise<object[][]> {
	let client: PoolClient | undefined;
	let failed = true;
	try {
		client = await pool.connect();
		client.on('error', unheard);
		const begun = client.query(beginSql);
		const running = statements.map(({ sql, values = [] }) => client?.query<object>(sql, [...values]));
		const [results] = await Promise.all([Promise.all(running), begun, client.query('COMMIT')]);
		failed = false;
		return results.map((result) => result?.rows ?? []);
	} catch (cause) {
		const { code = 'CONNECTION' } = cause as { code?: string };
		throw new DatabaseError(messageOf(cause), failureOf(cause), code, { cause });
	} finally {
		client?.release(failed);
		client?.off('error', unheard);
	}
}

/** Checks whether the server canceled a statement, or the wait for a free connection timed out. */
function isSlow({ code }: DatabaseError, pool: Pool): boolean {
	return code === '57014' || (code === 'CONNECTION' && pool.totalCount >= READERS && pool.idleCount === 0);
}

function asSlow({ message, code, cause }: DatabaseError): DatabaseError {
	return new DatabaseError(message, 'slow', code, { cause });
}

/** SQLSTATE classes caused by a statement's data: cardinality, data, constraints, conflicts, size. */
const REFUSED = ['21', '22', '23', '40', '54'];
/** SQLSTATEs for corrupt data and indexes. */
const BROKEN = ['XX001', 'XX002'];

function failureOf(error: unknown): Failure {
	if (!(error instanceof PostgresError) || error.code === undefined) return 'unavailable';
	if (BROKEN.includes(error.code)) return 'broken';
	return REFUSED.includes(error.code.slice(0, 2)) ? 'refused' : 'unavailable';
}
