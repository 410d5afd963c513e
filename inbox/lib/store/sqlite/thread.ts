import { parentPort, workerData } from 'node:worker_threads';
import { type Connection, openFile, type PreparedStatement, resultCode } from './engine.js';

/** Which file the thread opens, and what for. */
export type ThreadData =
	| { readonly file: string; readonly mode: 'read' }
	| { readonly file: string; readonly mode: 'write'; readonly migrations: readonly string[] };

/** Statements to be run, as one transaction where the thread writes. */
export interface ThreadRequest {
	readonly id: number;
	readonly statements: readonly { readonly sql: string; readonly values: readonly unknown[] }[];
}

/** The results of the statements. The response with the id 0 says that the file is open. */
export type ThreadResponse =
	| { readonly id: number; readonly results: object[][] }
	| { readonly id: number; readonly error: { readonly message: string; readonly resultCode: number | undefined } };

/** To wait for another process that writes: less than a provider waits for its response. */
const BUSY_TIMEOUT_MS = 5000;
/** Prepared statements that are kept. */
const MAX_PREPARED = 200;

const data: ThreadData = workerData;
const prepared = new Map<string, PreparedStatement>();
let connection: Connection;

/** Opens the connection of this thread. */
function open(): void {
	connection = openFile(data.file);
	connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
	connection.exec('PRAGMA foreign_keys = ON');
	if (data.mode === 'read') {
		connection.exec('PRAGMA query_only = ON');
	} else {
		const { migrations } = data;
		connection.exec('PRAGMA journal_mode = WAL');
		// each commit is on the disk; NORMAL would leave the last ones to the operating system
		connection.exec('PRAGMA synchronous = FULL');
		inTransaction(() => migrate(migrations));
	}
}

/** Brings the tables up to date. Can run at every start, in several processes at once. */
function migrate(migrations: readonly string[]): void {
	const [row] = connection.prepare('PRAGMA user_version').all() as { user_version: number }[];
	const version = row?.user_version ?? 0;
	if (version > migrations.length) {
		throw new Error(`its tables have version ${version}, and this inbox knows ${migrations.length} at most`);
	}
	for (const sql of migrations.slice(version)) connection.exec(sql);
	if (version < migrations.length) connection.exec(`PRAGMA user_version = ${migrations.length}`);
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

function respond(id: number, results: () => object[][]): void {
	let response: ThreadResponse;
	try {
		response = { id, results: results() };
	} catch (error) {
		response = { id, error: { message: String(Object(error).message ?? error), resultCode: resultCode(error) } };
	}
	parentPort?.postMessage(response);
}

respond(0, () => {
	open();
	return [];
});

parentPort?.on('message', (message: ThreadRequest | 'close') => {
	if (message === 'close') {
		connection.close();
		parentPort?.close();
	} else {
		const { id, statements } = message;
		respond(id, () => (data.mode === 'write' ? inTransaction(() => run(statements)) : run(statements)));
	}
});
