import { parentPort, workerData } from 'node:worker_threads';
import { type Connection, openFile, type PreparedStatement, resultCode } from './engine.js';

/** Which file the thread opens, and what for. */
export type ThreadData =
	| { readonly file: string; readonly mode: 'read' | 'checkpoint' }
	| {
			readonly file: string;
			readonly mode: 'write';
			readonly migrations: readonly string[];
			readonly triggers: string;
	  };

/** Statements to be run. */
export interface ThreadRequest {
	/** As one, which writes from its beginning. */
	readonly transaction: boolean;
	readonly statements: readonly { readonly sql: string; readonly values: readonly unknown[] }[];
}

/** The results of the statements. The first response says that the file is open. */
export type ThreadResponse =
	| { readonly results: object[][] }
	| { readonly error: { readonly message: string; readonly resultCode: number | undefined } };

/** To wait for another process that writes: less than a provider waits for its response. */
const BUSY_TIMEOUT_MS = 5000;
/** To wait for another process that brings the tables up to date. */
const MIGRATION_TIMEOUT_MS = 24 * 60 * 60 * 1000;
/** Pages of log after which the writer writes them into the file itself, if no other thread has. */
const AUTO_CHECKPOINT_PAGES = 50_000;
/** The log file becomes this small again after it was larger. */
const LOG_BYTES = 64 * 1024 * 1024;
/** Prepared statements that are kept. */
const MAX_PREPARED = 200;

const data: ThreadData = workerData;
const prepared = new Map<string, PreparedStatement>();
let connection: Connection;

/** Opens the connection of this thread. */
function open(): void {
	connection = openFile(data.file);
	// a large sort, such as that of a new index, goes to the disk
	connection.exec('PRAGMA temp_store = FILE');
	if (data.mode === 'write') {
		connection.exec(`PRAGMA busy_timeout = ${MIGRATION_TIMEOUT_MS}`);
		// lets retention return space in small steps; only before there are tables
		connection.exec('PRAGMA auto_vacuum = INCREMENTAL');
		connection.exec('PRAGMA journal_mode = WAL');
		// each commit is on the disk; NORMAL would leave the last ones to the operating system
		connection.exec('PRAGMA synchronous = FULL');
		connection.exec(`PRAGMA journal_size_limit = ${LOG_BYTES}`);
		connection.exec(`PRAGMA wal_autocheckpoint = ${AUTO_CHECKPOINT_PAGES}`);
		const { migrations, triggers } = data;
		inTransaction(() => migrate(migrations, triggers));
		// the journal of each statement would be a file
		connection.exec('PRAGMA temp_store = MEMORY');
	} else if (data.mode === 'read') {
		connection.exec('PRAGMA query_only = ON');
	}
	connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
}

/** Brings the tables up to date. Can run at every start, in several processes at once. */
function migrate(migrations: readonly string[], triggers: string): void {
	const [row] = connection.prepare('PRAGMA user_version').all() as { user_version: number }[];
	const version = row?.user_version ?? 0;
	if (version > migrations.length) {
		throw new Error(`its tables have version ${version}, and this inbox knows ${migrations.length} at most`);
	}
	for (const sql of migrations.slice(version)) connection.exec(sql);
	if (version === migrations.length) return;
	connection.exec(triggers);
	connection.exec(`PRAGMA user_version = ${migrations.length}`);
}

/** Runs a transaction, which is the only one that writes from its beginning. */
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
			// after some errors SQLite has done so itself
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
