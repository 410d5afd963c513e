import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { wrongCounts } from '../../../lib/store/counters.js';
import { type Database, DatabaseError } from '../../../lib/store/database.js';
import { openDatabase } from '../../../lib/store/open-database.js';
import { ReportRepository } from '../../../lib/store/report-repository.js';
import { openFile } from '../../../lib/store/sqlite/engine.js';
import { openSqlite } from '../../../lib/store/sqlite/sqlite.js';
import { report } from '../../support/report-request.js';
import { storedReports } from '../../support/stored-reports.js';

describe('the embedded database', () => {
	let folder: string;
	const opened: Database[] = [];
	beforeEach(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'inbox-sqlite-'));
	});
	afterEach(async () => {
		for (const database of opened.splice(0)) await database.close();
		await rm(folder, { recursive: true });
	});

	async function open(): Promise<Database> {
		const database = await openDatabase({ databaseUrl: undefined, dataDir: path.join(folder, 'deep', 'data') });
		opened.push(database);
		return database;
	}

	async function pragma(database: Database, name: string): Promise<unknown> {
		const [[row] = []] = await database.write({ sql: `PRAGMA ${name}` });
		return Object.values(row ?? {})[0];
	}

	it('creates its folder and one file, with durable commits and strict tables', async () => {
		const database = await open();
		expect(await pragma(database, 'journal_mode')).to.equal('wal');
		expect(await pragma(database, 'synchronous')).to.equal(2);
		expect(await pragma(database, 'auto_vacuum')).to.equal(2);
		expect(await pragma(database, 'user_version')).to.be.at.least(1);
		const tables = await database.query<{ strict: number }>(
			`SELECT strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'`,
		);
		expect(new Set(tables.map(({ strict }) => strict))).to.deep.equal(new Set([1]));
		await database.close();
		opened.length = 0;
		expect(await readdir(path.join(folder, 'deep', 'data'))).to.deep.equal(['inbox.sqlite']);
	});

	it('is readable only by its owner, even in an existing folder or after its mode was changed', async () => {
		const data = path.join(folder, 'deep', 'data');
		await mkdir(data, { recursive: true, mode: 0o755 });
		const modes = async () => {
			const names = (await readdir(data)).sort();
			expect(names).to.deep.equal(['inbox.sqlite', 'inbox.sqlite-shm', 'inbox.sqlite-wal']);
			return Promise.all(names.map(async (name) => (await stat(path.join(data, name))).mode & 0o777));
		};
		const database = await open();
		await new ReportRepository(database).store(await report());
		expect(await modes()).to.deep.equal([0o600, 0o600, 0o600]);
		for (const name of await readdir(data)) await chmod(path.join(data, name), 0o644);
		await open();
		expect(await modes()).to.deep.equal([0o600, 0o600, 0o600]);
	});

	it('rejects queries after close as unavailable, not broken', async () => {
		const database = await open();
		await database.close();
		opened.length = 0;
		const question = await database.query('SELECT 1').catch((error) => error);
		expect(question).to.be.instanceOf(DatabaseError).with.property('failure', 'unavailable');
	});

	it('lets several processes create it at once', async () => {
		const databases = await Promise.all([open(), open(), open(), open()]);
		const one = await report({ messageId: 'one' });
		const repositories = databases.map((database) => new ReportRepository(database));
		const outcomes = await Promise.all(repositories.map((reports) => reports.store(one)));
		expect(outcomes.map(({ result }) => result).sort()).to.deep.equal([
			'current',
			'duplicate',
			'duplicate',
			'duplicate',
		]);
		for (const database of databases) expect(await storedReports(database)).to.have.lengthOf(1);
	});

	it('has a new version for other processes after each change', async () => {
		const [writing, watching] = [await open(), await open()];
		const version = async () => (await watching.query(watching.dialect.versionSql))[0];
		const before = await version();
		expect(await version()).to.deep.equal(before);
		await new ReportRepository(writing).store(await report());
		expect(await version()).not.to.deep.equal(before);
	});

	it('waits longer for a process that migrates the tables than for one that stores reports', async () => {
		await open();
		const migrating = openFile(path.join(folder, 'deep', 'data', 'inbox.sqlite'));
		migrating.exec('BEGIN IMMEDIATE');
		// writes wait for five seconds
		setTimeout(() => migrating.exec('COMMIT'), 5_500);
		const other = await open();
		expect(await other.query('SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
		migrating.close();
	}).timeout(60_000);

	it('times out slow searches, and runs other queries in the meantime', async () => {
		const engine = await openSqlite(path.join(folder, 'deep', 'data'), { searchMs: 50 });
		const counting = (to: number) => {
			const sql = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${to}) SELECT max(i) FROM n`;
			return engine.run('search', [{ sql }]).catch((error: unknown) => error);
		};
		const searches = [counting(3_000_000), counting(1)];
		expect(await engine.run('query', [{ sql: 'SELECT 1 AS one' }])).to.deep.equal([[{ one: 1 }]]);
		for (const outcome of await Promise.all(searches)) {
			expect(outcome).to.include({ name: 'DatabaseError', failure: 'slow' });
		}
		await engine.close();
	}).timeout(60_000);

	it('keeps its log short while reports are stored and read', async () => {
		const database = await open();
		const reports = new ReportRepository(database);
		let isOver = false;
		const reading = (async () => {
			while (!isOver) await database.search('SELECT count(*) FROM reports');
		})();
		let largest = 0;
		for (let n = 0; n < 130; n++) {
			// does not compress
			await reports.store(await report({ messageId: `m${n}` }), { xml: randomBytes(750_000).toString('base64') });
			largest = Math.max(largest, (await database.logBytes?.()) ?? 0);
		}
		isOver = true;
		await reading;
		expect(largest).to.be.within(1, 100_000_000);
	}).timeout(120_000);

	it('counts what another program has deleted, with the next write', async () => {
		const database = await open();
		const reports = new ReportRepository(database);
		for (const messageId of ['one', 'two']) await reports.store(await report({ messageId }));
		const other = openFile(path.join(folder, 'deep', 'data', 'inbox.sqlite'));
		other.exec(`DELETE FROM messages WHERE message_id = 'one'`);
		other.close();
		await reports.store(await report({ messageId: 'three' }));
		expect(await wrongCounts(database)).to.deep.equal([]);
	});

	it('returns unused space in small steps after many deletions', async () => {
		const database = await open();
		const reports = new ReportRepository(database);
		for (let n = 0; n < 20; n++) {
			await reports.store(await report({ messageId: `m${n}` }), { xml: randomBytes(400_000).toString('base64') });
		}
		const pages = () => pragma(database, 'page_count');
		const before = (await pages()) as number;
		expect(await reports.deleteReceivedBefore(new Date(Date.now() + 1000), 100)).to.equal(20);
		let steps = 0;
		while (await reports.reclaim()) steps++;
		expect(steps).to.be.within(2, 10);
		expect(await pages()).to.be.below(before / 2);
	}).timeout(60_000);

	it('refuses tables of a newer inbox', async () => {
		const database = await open();
		await database.write({ sql: 'PRAGMA user_version = 99' });
		const error = await open().catch((reason: unknown) => reason);
		expect(error)
			.to.be.an('error')
			.with.property('message')
			.that.matches(/^The database cannot be opened: its tables have version 99/);
	});

	it('refuses a file that is not a database', async () => {
		await open().then((database) => database.close());
		opened.length = 0;
		await writeFile(path.join(folder, 'deep', 'data', 'inbox.sqlite'), 'x'.repeat(10_000));
		const error = await open().catch((reason: unknown) => reason);
		expect(error).to.be.an('error').with.property('message', 'The database cannot be opened: file is not a database');
	});
});
