// @ts-check
/**
 * A connection to a file, as both engines offer it.
 *
 * @typedef {object} Connection
 * @property {(sql: string) => unknown} exec
 * @property {(sql: string) => { all(...values: unknown[]): object[] }} prepare
 * @property {() => unknown} close
 */

/**
 * Opens a file, which is made where it is missing: with Node's own SQLite where it needs no flag (22.13 and later), else
 * with that of the package libsql.
 *
 * @param {string} file
 * @returns {Connection}
 */
exports.openFile = function openFile(file) {
	const own = /** @type {any} */ (process.getBuiltinModule?.('node:sqlite'));
	return new (own?.DatabaseSync ?? require('libsql'))(file);
};

/**
 * SQLite's extended result code of an error, https://sqlite.org/rescode.html; undefined for other errors.
 *
 * @param {any} error
 * @returns {number | undefined}
 */
exports.resultCode = function resultCode(error) {
	// the one is of node:sqlite, the other of libsql
	return error?.errcode ?? error?.rawCode;
};
