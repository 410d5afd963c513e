import { parentPort, workerData } from 'node:worker_threads';
import { type Connection, openFile, type PreparedStatement, resultCode } from './engine.js';

/** The file that the thread opens, and its role. */
export type ThreadData =
	| { readonly file: string; readonly mode: 'read' | 'checkpoint' }
	| {
			readonly file: string;
			readonly mode: 'write';
			readonly migrations: readonly string[];
			readonly triggers: string;
	  };

/** Statements to run. */
export interface ThreadRequest {
	/** Whether to run them as one transaction, which locks the database for writing from the start. */
	readonly transaction: boolean;
	readonly statements: readonly { readonly sql: string; readonly values: readonly unknown[] }[];
}

/** The results of the statements. The first response means that the file is open. */
export type ThreadResponse =
	| { readonly results: object[][] }
	| { readonly error: { readonly message: string; readonly resultCode: number | undefined } };

/** How long to wait for another process to write, which is shorter than a provider's timeout. */
const BUSY_TIMEOUT_MS = 5000;
/** How long to wait for another process to migrate the tables. */
const MIGRATION_TIMEOUT_MS = 24 * 60 * 60 * 1000;
/** Half the usual size: a report changes rows on many pages, so it writes a sixth less and takes a sixth less CPU. */
const PAGE_BYTES = 2048;
/** The log size in pages at which the writer moves it into the file itself, if no other thread has. */
const AUTO_CHECKPOINT_PAGES = 100_000;
/** The size to which a larger log file is truncated. */
const LOG_BYTES = 64 * 1024 * 1024;
/** The number of prepared statements to keep. */
const MAX_PREPARED = 200;

const data: ThreadData = workerData;
const prepared = new Map<string, PreparedStatement>();
let connection: Connection;

/** Opens the connection of this thread. */
function open(): void {
	connection = openFile(data.file);
	// a large sort, such as for a new index, uses the disk
	connection.exec('PRAGMA temp_store = FILE');
	if (data.mode === 'write') {
		connection.exec(`PRAGMA busy_timeout = ${MIGRATION_TIMEOUT_MS}`);
		// these two must be set before tables exist
		connection.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
		// lets retention return space in small steps
		connection.exec('PRAGMA auto_vacuum = INCREMENTAL');
		connection.exec('PRAGMA journal_mode = WAL');
		// makes each commit durable; NORMAL could lose the last ones in a power cut
		connection.exec('PRAGMA synchronous = FULL');
		connection.exec(`PRAGMA journal_size_limit = ${LOG_BYTES}`);
		connection.exec(`PRAGMA wal_autocheckpoint = ${AUTO_CHECKPOINT_PAGES}`);
		const { migrations, triggers } = data;
		inTransaction(() => migrate(migrations, triggers));
		// otherwise each statement's journal would be a file
		connection.exec('PRAGMA temp_store = MEMORY');
	} else if (data.mode === 'read') {
		connection.exec('PRAGMA query_only = ON');
	}
	connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
}

/** Migrates the tables. Can run at every start, in several processes at once. */
function migrate(migrations: readonly string[], triggers: string): void {
	const [row] = connection.prepare('PRAGMA user_version').all() as { user_version: number }[];
	const version = row?.user_version ?? 0;
	if (version > migrations.length) {
		throw new Error(`its tables have version ${version}, but this inbox supports only up to ${migrations.length}`);
	}
	for (const sql of migrations.slice(version)) connection.exec(sql);
	if (version === migrations.length) return;
	connection.exec(triggers);
	connection.exec(`PRAGMA user_version = ${migrations.length}`);
}

/** Runs a transaction, which holds the write lock from its start. */
function inTransaction<T>(run: () => T): T {
	connection.exec('BEGIN IMMEDIATE');
	try {
		const result = run();
		connection.exec('COMMIT');
		return result;
	} catch (error) {
		try {
			connection.exec('ROLLBACK');
		} catch {
			// after some errors SQLite has already rolled back
		}
		throw error;
	}
}

function run(statements: ThreadRequest['statements']): object[][] {
	return statements.map(({ sql, values }) => prepare(sql).all(...values));
}

function prepare(sql: string): PreparedStatement {
	let statement = prepared.get(sql);
	if (statement === undefined) {
		if (prepared.size >= MAX_PREPARED) prepared.clear();
		statement = connection.prepare(sql);
		prepared.set(sql, statement);
	}
	return statement;
}

function respond(results: () => object[][]): void {
	let response: ThreadResponse;
	try {
		response = { results: results() };
	} catch (error) {
		response = { error: { message: String(Object(error).message ?? error), resultCode: resultCode(error) } };
	}
	parentPort?.postMessage(response);
}

respond(() => {
	open();
	return [];
});

parentPort?.on('message', (message: ThreadRequest | 'close') => {
	if (message === 'close') {
		connection.close();
		parentPort?.close();
	} else {
		const { transaction, statements } = message;
		respond(() => (transaction ? inTransaction(() => run(statements)) : run(statements)));
	}
});
