import { mkdir } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import type { Database } from './database.js';
import { DurableNodeFs, syncFolder } from './durable-node-fs.js';
import { lockFolder } from './folder-lock.js';

/** PGlite starts PostgreSQL with `-F`, which leaves it to the operating system when a commit reaches the disk. */
const START_PARAMS = [
	...PGlite.defaultStartParams.filter((param) => param !== '-F'),
	...['-c', 'fsync=on', '-c', 'wal_sync_method=fsync'],
];

/**
 * Opens the embedded database, which lives in this process and in a folder.
 *
 * @param folder - made where it is missing; `undefined` keeps everything in memory, for tests
 * @throws Error where another process has the folder open
 */
export async function openPglite(folder: string | undefined): Promise<Database> {
	if (folder === undefined) return databaseOf(await PGlite.create(), 'PGlite in memory', async () => {});

	await mkdir(folder, { recursive: true, mode: 0o700 });
	const unlock = await lockFolder(folder);
	try {
		const fs = new DurableNodeFs(folder);
		const pglite = await PGlite.create({ fs, startParams: START_PARAMS });
		if (fs.isNew) await syncFolder(folder);
		return databaseOf(pglite, `PGlite in ${folder}`, unlock);
	} catch (error) {
		await unlock();
		throw error;
	}
}

function databaseOf(pglite: PGlite, name: string, unlock: () => Promise<void>): Database {
	return {
		name,
		async query<Row extends object>(sql: string, values: readonly unknown[] = []) {
			return (await pglite.query<Row>(sql, [...values])).rows;
		},
		async script(sql) {
			await pglite.exec(sql);
		},
		async listen(channel, onNotify) {
			await pglite.listen(channel, onNotify);
		},
		async close() {
			await pglite.close();
			await unlock();
		},
	};
}
