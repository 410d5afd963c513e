import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Engine, Statement, Value } from '../database.js';
import { SQLITE } from './dialect.js';
import { keepLogShort } from './log.js';
import { SQLITE_COUNTING, SQLITE_MIGRATIONS, SQLITE_TRIGGERS } from './migrations.js';
import { SqliteThread } from './sqlite-thread.js';

/** The name of the file in its folder. */
const FILE_NAME = 'inbox.sqlite';

const COUNTING = SQLITE_COUNTING.map((sql) => ({ sql, values: [] }));

/** Milliseconds until a query fails as `slow`. */
export interface ReadLimits {
	/** For queries that read few rows. Default: 2,500. */
	readonly queryMs?: number;
	/** For queries that may read many rows. Default: 10,000. */
	readonly searchMs?: number;
}

/**
 * Opens the embedded database: one file, used by one thread that writes, two that read, and one that moves the log into
 * the file. This way neither the disk nor a long query delays responses to the provider. Other processes may use the
 * file at the same time.
 *
 * @param folder - created if it does not exist
 */
export async function openSqlite(
	folder: string,
	{ queryMs = 2_500, searchMs = 10_000 }: ReadLimits = {},
): Promise<Engine> {
	await mkdir(folder, { recursive: true, mode: 0o700 });
	const file = path.join(folder, FILE_NAME);
	await makePrivate(file);
	const writer = await SqliteThread.start({
		file,
		mode: 'write',
		migrations: SQLITE_MIGRATIONS,
		triggers: SQLITE_TRIGGERS,
	});
	const [querying, searching, mover] = await Promise.all([
		SqliteThread.start({ file, mode: 'read' }),
		SqliteThread.start({ file, mode: 'read' }),
		SqliteThread.start({ file, mode: 'checkpoint' }),
	]);
	const log = keepLogShort(mover, writer);

	const threads = {
		query: { thread: querying, timeLimit: queryMs },
		search: { thread: searching, timeLimit: searchMs },
		write: { thread: writer, transaction: true },
	};

	return {
		name: `SQLite in ${file}`,
		dialect: SQLITE,
		async run(purpose, statements) {
			const { thread, ...options } = threads[purpose];
			if (purpose !== 'write') return thread.run(statements.map(toSqlite), options);
			log.written();
			const results = await thread.run([...statements.map(toSqlite), ...COUNTING], options);
			return results.slice(0, statements.length);
		},
		logBytes: () =>
			stat(`${file}-wal`).then(
				({ size }) => size,
				() => 0,
			),
		async close() {
			await Promise.all([log.close(), querying.close(), searching.close()]);
			// the last one to close moves the log into the file, which a reader could not do
			await writer.close();
		},
	};
}

/**
 * Hides phone numbers from other users, even in a folder that they can read. SQLite creates its other files with the
 * same mode. Errors are ignored: SQLite then fails too and reports why, except that another user's file keeps its mode.
 */
async function makePrivate(file: string): Promise<void> {
	await writeFile(file, '', { flag: 'wx', mode: 0o600 }).catch(() => {});
	for (const suffix of ['', '-wal', '-shm']) await chmod(file + suffix, 0o600).catch(() => {});
}

/** SQLite marks numbered parameters with question marks and has neither times nor booleans. */
function toSqlite({ sql, values = [] }: Statement): { sql: string; values: unknown[] } {
	return { sql: sql.replace(/\$(\d+)/g, '?$1'), values: values.map(plainValue) };
}

function plainValue(value: Value): string | number | Uint8Array | null {
	if (value instanceof Date) return value.toISOString();
	return typeof value === 'boolean' ? Number(value) : value;
}
