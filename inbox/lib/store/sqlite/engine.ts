/** A connection to a file, as provided by both engines. */
export interface Connection {
	exec(sql: string): unknown;
	prepare(sql: string): PreparedStatement;
	close(): unknown;
}

/** A prepared statement. */
export interface PreparedStatement {
	all(...values: unknown[]): object[];
}

type Engine = new (file: string) => Connection;

/**
 * Opens a file and creates it if necessary. Uses Node's built-in SQLite where it needs no flag (22.13 and later),
 * otherwise the package libsql.
 */
export function openFile(file: string): Connection {
	const own = process.getBuiltinModule?.('node:sqlite') as unknown as { DatabaseSync: Engine } | undefined;
	const Database = own?.DatabaseSync ?? requireLibsql();
	return new Database(file);
}

/** Loads libsql on demand: most users run a Node.js that does not need it, so they do not have to install it. */
function requireLibsql(): Engine {
	try {
		return require('libsql');
	} catch (cause) {
		throw new Error('SQLite needs Node.js 22.13 or later, or the package libsql: npm install libsql', { cause });
	}
}

/** Returns an error's extended SQLite result code, https://sqlite.org/rescode.html; undefined for other errors. */
export function resultCode(error: unknown): number | undefined {
	// the former is set by node:sqlite, the latter by libsql
	const { errcode, rawCode } = Object(error) as { errcode?: number; rawCode?: number };
	return errcode ?? rawCode;
}
