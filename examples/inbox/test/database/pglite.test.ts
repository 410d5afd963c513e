import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { openDatabase } from '../../database/open-database.js';
import { START_TIMEOUT } from './memory-database.js';

describe('openPglite', function () {
	this.timeout(START_TIMEOUT);
	let parent: string;
	before(async () => {
		parent = await mkdtemp(path.join(tmpdir(), 'inbox-pglite-'));
	});
	after(() => rm(parent, { recursive: true }));

	it('keeps its data in a folder that it makes, forces each commit to the disk, and serves one process', async () => {
		const settings = { databaseUrl: undefined, dataDir: path.join(parent, 'deep', 'data') };
		const onError = () => {};
		const database = await openDatabase(settings, onError);
		await database.query(`INSERT INTO unreadable (error_code, error_message, size, body) VALUES ('a', '', 0, '')`);
		const [{ fsync, method } = {}] = await database.query<{ fsync: string; method: string }>(
			`SELECT current_setting('fsync') AS fsync, current_setting('wal_sync_method') AS method`,
		);
		expect({ fsync, method }).to.deep.equal({ fsync: 'on', method: 'fsync' });
		const second = await openDatabase(settings, onError).catch((error: unknown) => error);
		expect(second)
			.to.be.an('error')
			.with.property('message')
			.that.matches(/Another process is using/);
		await database.close();

		const again = await openDatabase(settings, onError);
		expect(await again.query('SELECT error_code FROM unreadable')).to.deep.equal([{ error_code: 'a' }]);
		await again.close();
	});
});
