import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '../../lib/store/database.js';
import { openDatabase } from '../../lib/store/open-database.js';

/** Time in milliseconds for an inbox to start on a busy machine. */
export const START_TIMEOUT_MS = 60_000;

/** Opens an embedded database in a temporary folder, which is deleted when the database is closed. */
export async function openTemporaryDatabase(): Promise<Database> {
	const folder = await mkdtemp(path.join(tmpdir(), 'inbox-database-'));
	const database = await openDatabase({ databaseUrl: undefined, dataDir: folder });
	return {
		...database,
		async close() {
			await database.close();
			await rm(folder, { recursive: true });
		},
	};
}

/** Opens an embedded database twice, as two processes do. Closing the first deletes it. */
export async function openTwice(): Promise<readonly [Database, Database]> {
	const first = await openTemporaryDatabase();
	const dataDir = path.dirname(first.name.replace('SQLite in ', ''));
	return [first, await openDatabase({ databaseUrl: undefined, dataDir })];
}

/** Empties the tables; the counters follow. */
export async function clear(database: Database): Promise<void> {
	await database.write(
		...['messages', 'reports', 'refused_requests', 'refusal_counts', 'totals'].map((table) => ({
			sql: `DELETE FROM ${table}`,
		})),
	);
}
