import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Database, Statement, Value } from '../database.js';
import { SQLITE } from './dialect.js';
import { SQLITE_MIGRATIONS } from './migrations.js';
import { SqliteThread } from './sqlite-thread.js';

/** Name of the file in its folder. */
const FILE_NAME = 'inbox.sqlite';

/**
 * Opens the embedded database: one file, on which one thread writes and another one reads, so that neither the disk nor
 * a long query holds up the answers to the provider. Other processes may use the file at the same time.
 *
 * @param folder - made where it is missing
 */
export async function openSqlite(folder: string): Promise<Database> {
	await mkdir(folder, { recursive: true, mode: 0o700 });
	const file = path.join(folder, FILE_NAME);
	await makePrivate(file);
	const writer = await SqliteThread.start({ file, mode: 'write', migrations: SQLITE_MIGRATIONS });
	const reader = await SqliteThread.start({ file, mode: 'read' });

	return {
		name: `SQLite in ${file}`,
		dialect: SQLITE,
		async query<Row extends object>(sql: string, values: readonly Value[] = []) {
			const [rows] = await reader.run([toSqlite({ sql, values })]);
			return (rows ?? []) as Row[];
		},
		write: (...statements) => writer.run(statements.map(toSqlite)),
		async close() {
			await reader.close();
			// the last one to let go puts the log into the file, which a reader could not
			await writer.close();
		},
	};
}

/**
 * Hides the phone numbers from other users, in a folder that they can read as well. SQLite gives new files beside this one
 * its mode. What fails here fails for SQLite too, which says why; only the mode of someone else's file is left alone.
 */
async function makePrivate(file: string): Promise<void> {
	await writeFile(file, '', { flag: 'wx', mode: 0o600 }).catch(() => {});
	for (const suffix of ['', '-wal', '-shm']) await chmod(file + suffix, 0o600).catch(() => {});
}

/** SQLite numbers its parameters with question marks, and knows neither times nor booleans. */
function toSqlite({ sql, values = [] }: Statement): { sql: string; values: unknown[] } {
	return { sql: sql.replace(/\$(\d+)/g, '?$1'), values: values.map(plainValue) };
}

function plainValue(value: Value): string | number | Uint8Array | null {
	if (value instanceof Date) return value.toISOString();
	return typeof value === 'boolean' ? Number(value) : value;
}
