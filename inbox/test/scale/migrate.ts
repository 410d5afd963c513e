/** Migrates a database to a future version, then prints by how many bytes the memory of this process grew. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Client } from 'pg';
import type { DatabasePlace } from '../../lib/store/open-database.js';
import { migrate } from '../../lib/store/postgres/migrations.js';
import { MIGRATIONS } from '../../lib/store/schema.js';
import { SQLITE_MIGRATIONS, SQLITE_TRIGGERS } from '../../lib/store/sqlite/migrations.js';
import { SqliteThread } from '../../lib/store/sqlite/sqlite-thread.js';

/** By how many bytes the memory of a process may grow. */
export const MAX_MIGRATION_BYTES = 100_000_000;

/** A future migration, which changes every report and every message. */
const MORE = `
	ALTER TABLE reports ADD COLUMN more text;
	UPDATE reports SET more = transaction_id;
	ALTER TABLE messages ADD COLUMN more text;
	UPDATE messages SET more = key;
	CREATE INDEX messages_more ON messages (more);`;

/**
 * Starts two processes of a future version at the same time: one migrates the tables while the other one waits for it.
 *
 * @param after - more SQL of the migration
 * @returns by how many bytes each process grew
 */
export async function migrateTwice(place: DatabasePlace, after = ''): Promise<number[]> {
	const { databaseUrl = '', dataDir } = place;
	const run = async () => {
		const child = spawn(process.execPath, ['--import', 'tsx', __filename, databaseUrl, dataDir, after], {
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
		if (code !== 0) throw new Error(`a process that migrates exited with ${code}`);
		return Number(printed);
	};
	return Promise.all([run(), run()]);
}

async function migrateSqlite(dataDir: string, sql: string): Promise<void> {
	const thread = await SqliteThread.start({
		file: path.join(dataDir, 'inbox.sqlite'),
		mode: 'write',
		migrations: [...SQLITE_MIGRATIONS, sql],
		triggers: SQLITE_TRIGGERS,
	});
	await thread.close();
}

async function migratePostgres(databaseUrl: string, sql: string): Promise<void> {
	const client = new Client(databaseUrl);
	await client.connect();
	await migrate(client, [...MIGRATIONS, sql]);
	await client.end();
}

/** The largest memory of this process so far, in bytes. Another measure, `maxRSS`, includes that of the parent process. */
function largestMemory(): number {
	return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

async function main(): Promise<void> {
	const [, , databaseUrl = '', dataDir = '', after = ''] = process.argv;
	const before = process.memoryUsage.rss();
	const sql = `${MORE} ${after}`;
	await (databaseUrl ? migratePostgres(databaseUrl, sql) : migrateSqlite(dataDir, sql));
	console.log(largestMemory() - before);
}

if (require.main === module) void main();
