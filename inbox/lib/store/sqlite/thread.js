// @ts-check
// JavaScript, so that the thread starts without a compiler: with tsx each thread takes 20 MB more and starts half as fast.
const { parentPort, workerData } = require('node:worker_threads');
const { openFile, resultCode } = require('./engine.js');

/**
 * Which file the thread opens, and what for.
 *
 * @typedef {{ file: string, mode: 'read' } | { file: string, mode: 'write', migrations: readonly string[] }} ThreadData
 */
/**
 * Statements to be run, as one transaction where the thread writes.
 *
 * @typedef {{ id: number, statements: readonly { sql: string, values: readonly unknown[] }[] }} ThreadRequest
 */
/**
 * What became of them. The answer with the id 0 says that the file is open.
 *
 * @typedef {{ id: number, results: object[][] }
 *   | { id: number, error: { message: string, resultCode: number | undefined } }} ThreadAnswer
 */

/** Milliseconds to wait for another process that writes: less than a provider waits for its answer. */
const BUSY_TIMEOUT = 5000;
/** Most prepared statements that are kept. */
const MOST_PREPARED = 200;

/** @type {import('./engine.js').Connection} */
let connection;
/** @type {Map<string, ReturnType<import('./engine.js').Connection['prepare']>>} */
const prepared = new Map();

/** Opens the connection of this thread. @param {ThreadData} data */
function open(data) {
	connection = openFile(data.file);
	connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
	connection.exec('PRAGMA foreign_keys = ON');
	if (data.mode === 'read') {
		connection.exec('PRAGMA query_only = ON');
	} else {
		connection.exec('PRAGMA journal_mode = WAL');
		// each commit is on the disk; NORMAL would leave the last ones to the operating system
		connection.exec('PRAGMA synchronous = FULL');
		inTransaction(() => migrate(data.migrations));
	}
}

/**
 * Brings the tables up to date. Can run at every start, in several processes at once.
 *
 * @param {readonly string[]} migrations
 */
function migrate(migrations) {
	const [row] = /** @type {{ user_version: number }[]} */ (connection.prepare('PRAGMA user_version').all());
	const version = row?.user_version ?? 0;
	if (version > migrations.length) {
		throw new Error(`its tables have version ${version}, and this inbox knows ${migrations.length} at most`);
	}
	for (const sql of migrations.slice(version)) connection.exec(sql);
	if (version < migrations.length) connection.exec(`PRAGMA user_version = ${migrations.length}`);
}

/**
 * Runs a transaction, which is the only one that writes from its beginning.
 *
 * @template T
 * @param {() => T} run
 * @returns {T}
 */
function inTransaction(run) {
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

/** @param {ThreadRequest['statements']} statements */
function run(statements) {
	return statements.map(({ sql, values }) => prepare(sql).all(...values));
}

/** @param {string} sql */
function prepare(sql) {
	let statement = prepared.get(sql);
	if (statement === undefined) {
		if (prepared.size >= MOST_PREPARED) prepared.clear();
		statement = connection.prepare(sql);
		prepared.set(sql, statement);
	}
	return statement;
}

/**
 * @param {number} id
 * @param {() => object[][]} results
 */
function answer(id, results) {
	/** @type {ThreadAnswer} */
	let message;
	try {
		message = { id, results: results() };
	} catch (error) {
		message = { id, error: { message: String(Object(error).message ?? error), resultCode: resultCode(error) } };
	}
	parentPort?.postMessage(message);
}

answer(0, () => {
	open(workerData);
	return [];
});

parentPort?.on('message', (/** @type {ThreadRequest | 'close'} */ message) => {
	if (message === 'close') {
		connection.close();
		parentPort?.close();
	} else {
		const { id, statements } = message;
		answer(id, () => (workerData.mode === 'write' ? inTransaction(() => run(statements)) : run(statements)));
	}
});
