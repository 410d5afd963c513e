/** A connection to a file, as both engines offer it. */
export interface Connection {
	exec(sql: string): unknown;
	prepare(sql: string): PreparedStatement;
	close(): unknown;
}

/** A statement that can be run again and again. */
export interface PreparedStatement {
	all(...values: unknown[]): object[];
}

type Engine = new (file: string) => Connection;

/**
 * Opens a file, which is made where it is missing: with Node's own SQLite where it needs no flag (22.13 and later), else
 * with that of the package libsql.
 */
export function openFile(file: string): Connection {
	const own = process.getBuiltinModule?.('node:sqlite') as unknown as { DatabaseSync: Engine } | undefined;
	const Database = own?.DatabaseSync ?? requireLibsql();
	return new Database(file);
}

/** Most users have a Node.js that does without, so they need not install it. */
function requireLibsql(): Engine {
	try {
		return require('libsql');
	} catch (cause) {
		throw new Error('SQLite needs Node.js 22.13 or later, or the package libsql: npm install libsql', { cause });
	}
}

/** SQLite's extended result code of an error, https://sqlite.org/rescode.html; undefined for other errors. */
export function resultCode(error: unknown): number | undefined {
	// the one is of node:sqlite, the other of libsql
	const { errcode, rawCode } = Object(error) as { errcode?: number; rawCode?: number };
	return errcode ?? rawCode;
}
