import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { makeLogger } from '../../lib/log.js';
import type { Database } from '../../lib/store/database.js';
import { RefusalRepository } from '../../lib/store/refusal-repository.js';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { makeRun } from '../../lib/store/retention.js';
import { report } from '../support/report-request.js';
import { LogLines, type Served, serveInbox } from '../support/serve.js';
import { openTemporaryDatabase } from '../support/temporary-database.js';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('RETENTION_DAYS', () => {
	const realNow = Date.now;
	let database: Database;
	let inbox: Served | undefined;
	beforeEach(async () => {
		database = await openTemporaryDatabase();
	});
	afterEach(async () => {
		Date.now = realNow;
		await inbox?.close();
		inbox = undefined;
		await database.close();
	});

	/** Stores reports of these ages, in this order; a negative age is in the future. */
	async function store(...agesInDays: number[]): Promise<void> {
		const reports = new ReportRepository(database);
		for (const age of agesInDays) {
			const parsed = await report({ messageId: `m${Math.random()}` });
			await reports.store({ ...parsed, receivedAt: new Date(realNow() - age * DAY_MS) });
		}
	}

	async function count(): Promise<number> {
		return (await database.query('SELECT id FROM reports')).length;
	}

	/** Starts an inbox and waits for a log message. */
	async function serveUntil(message: RegExp, env: Record<string, string>): Promise<Record<string, unknown>> {
		return new Promise((resolve, reject) => {
			const write = (line: string) => {
				const entry = JSON.parse(line);
				if (message.test(entry.msg)) resolve(entry);
			};
			serveInbox(database, env, makeLogger('info', { write })).then((served) => {
				inbox = served;
			}, reject);
		});
	}

	/** Creates a run with a retention of 30 days, and its log. */
	function run({ trustClock = false } = {}) {
		const output = new LogLines();
		const reports = new ReportRepository(database);
		const log = makeLogger('info', output);
		const once = makeRun(30 * DAY_MS, trustClock, reports, new RefusalRepository(database), log);
		return { once: () => once(new AbortController().signal), output };
	}

	function setClockAhead(days: number): void {
		Date.now = () => realNow() + days * DAY_MS;
	}

	it('deletes older reports in several steps', async () => {
		await store(...Array(300).fill(31), 29, 0);
		expect(await serveUntil(/^old reports are deleted/, { RETENTION_DAYS: '30' })).to.include({ deleted: 300 });
		expect(await count()).to.equal(2);
	});

	it('is off by default', async () => {
		await store(31);
		inbox = await serveInbox(database);
		await inbox.close();
		inbox = undefined;
		expect(await count()).to.equal(1);
	});

	it('uses the time of arrival, even if reports from a clock that was ahead were stored first', async () => {
		await store(...Array(250).fill(-400), 31, 0);
		expect(await run().once()).to.equal('done');
		expect(await count()).to.equal(251);
	});

	it('deletes nothing if the clock is ahead at startup, and logs what to do', async () => {
		await store(3, 2, 1, 0);
		setClockAhead(400);
		const env = { RETENTION_DAYS: '30' };
		const { level, msg, old, all } = await serveUntil(/^NOTHING IS DELETED/, env);
		expect({ level, old, all }).to.deep.equal({ level: 50, old: 4, all: 4 });
		expect(msg).to.include('RETENTION_TRUST_CLOCK=true');
		await inbox?.close();
		expect(await count()).to.equal(4);
		expect(await serveUntil(/^old reports/, { ...env, RETENTION_TRUST_CLOCK: 'true' })).to.include({ deleted: 4 });
		expect(await count()).to.equal(0);
	});

	it('deletes nothing if the clock jumps later, regardless of how many reports arrive after that', async () => {
		await store(3, 2, 1, 0);
		const { once, output } = run();
		expect(await once()).to.equal('done');
		setClockAhead(400);
		expect(await once()).to.equal('refused');
		await store(...Array(10).fill(-400));
		expect(await once()).to.equal('refused');
		expect(output.lines).to.have.lengthOf(2);
		expect(await count()).to.equal(14);
		// the clock is right again
		setClockAhead(0);
		expect(await once()).to.equal('done');
		expect(await count()).to.equal(14);
	});

	it('deletes less than half of the messages after a quiet period', async () => {
		await store(40, 28, 27, 26);
		expect(await run().once()).to.equal('done');
		expect(await count()).to.equal(3);
	});

	it('deletes reports one by one as they expire', async () => {
		await store(29.9);
		const { once } = run();
		// the monotonic clock has advanced as well
		const monotonic = performance.now;
		const start = monotonic.call(performance);
		try {
			for (let hours = 0; hours < 4; hours++) {
				Date.now = () => realNow() + hours * 3_600_000;
				performance.now = () => monotonic.call(performance) + hours * 3_600_000;
				await once();
			}
		} finally {
			performance.now = monotonic;
		}
		expect(start).to.be.below(performance.now());
		expect(await count()).to.equal(0);
	});

	/** Stores 10,100 reports of 2020, without messages. */
	async function storeMany(): Promise<void> {
		await database.write({
			sql: `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10100) INSERT INTO reports (kind, duplicate_key, provider, transaction_id, message_id, recipient, mm_status, state, final, extensions, received_at, xml, xml_dictionary) SELECT 'delivery', 'd' || i, 'default', 't', 'm', '{}', 'Retrieved', 'delivered', 1, '{}', '2020-01-01T00:00:00.000Z', x'', 1 FROM n`,
		});
	}

	it('checks the clock again after 10,000 reports', async () => {
		await storeMany();
		await store(0);
		const { once } = run();
		expect(await once()).to.equal('more');
		expect(await count()).to.equal(101);
		expect(await once()).to.equal('done');
		expect(await count()).to.equal(1);
	});

	it('deletes fewer reports at a time while the database is slow', async () => {
		await storeMany();
		const limits: unknown[] = [];
		const stopped = new AbortController();
		const slow: Database = {
			...database,
			async write(...statements) {
				const [{ sql, values = [] } = { sql: '' }] = statements;
				if (sql.startsWith('DELETE FROM messages')) limits.push(values.at(-1));
				if (limits.length === 4) stopped.abort();
				await delay(250);
				return database.write(...statements);
			},
		};
		const [reports, refusals] = [new ReportRepository(slow), new RefusalRepository(slow)];
		await makeRun(30 * DAY_MS, false, reports, refusals, makeLogger('silent'))(stopped.signal);
		expect(limits).to.deep.equal([500, 250, 125, 100]);
	});

	it('returns space, and deletes zero counts of later hours, only once all old reports are deleted', async () => {
		await storeMany();
		const hour = Date.UTC(2021, 0) / 3_600_000;
		await database.write({ sql: `INSERT INTO sender_counters VALUES (${hour}, 'default', '54321', 'failed', 0, 0)` });
		const pages = async () => (await database.query<{ page_count: number }>('PRAGMA page_count'))[0]?.page_count ?? 0;
		const zeros = () => database.query('SELECT hour FROM sender_counters WHERE hour > 0 AND changed = 0');
		const before = await pages();
		const { once } = run();
		expect(await once()).to.equal('more');
		expect(await pages()).to.be.at.least(before);
		expect(await zeros()).to.deep.equal([{ hour }]);
		expect(await once()).to.equal('done');
		expect(await pages()).to.be.below(before / 2);
		expect(await zeros()).to.deep.equal([]);
	});
});
