import { expect } from 'chai';
import { fillWithDemoData } from '../lib/demo.js';
import type { Database } from '../lib/store/database.js';
import { findMessages } from '../lib/store/read/find-messages.js';
import { OVERDUE_KINDS } from '../lib/store/read/overdue.js';
import { stateCounts } from './support/stored-reports.js';
import { openTemporaryDatabase, START_TIMEOUT_MS } from './support/temporary-database.js';

const DAY_MS = 24 * 3_600_000;

describe('the demo data', () => {
	const now = Date.parse('2026-07-07T14:05:00Z');
	let database: Database;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await openTemporaryDatabase();
		await fillWithDemoData(database, now);
	});
	after(() => database?.close());

	it('has about a thousand messages in all states, most of them delivered', async () => {
		const { delivered = 0, ...others } = await stateCounts(database);
		expect(others).to.have.all.keys('failed', 'pending', 'submitted', 'unknown');
		const total = Object.values(others).reduce((sum, count) => sum + count, delivered);
		expect(total).to.equal(1000);
		expect(delivered / total).to.be.within(0.6, 0.9);
	});

	it('is of the last thirty days, and none of it from the future', async () => {
		const rows = await database.query<{ at: string }>('SELECT received_at AS at FROM reports');
		const ages = rows.map(({ at }) => (now - Date.parse(at)) / DAY_MS);
		expect(Math.min(...ages)).to.be.within(0, 1);
		expect(Math.max(...ages)).to.be.within(25, 30);
	});

	it('has several senders and operators, read replies, and requests that cannot be parsed', async () => {
		const distinct = async (column: string) =>
			(await database.query(`SELECT DISTINCT ${column} FROM messages WHERE ${column} IS NOT NULL`)).length;
		expect(await distinct('sender')).to.equal(3);
		expect(await distinct('operator_id')).to.equal(3);
		expect(await database.query("SELECT id FROM reports WHERE kind = 'read'")).to.have.length.above(50);
		expect(await database.query('SELECT DISTINCT reason FROM refused_requests')).to.have.length.above(2);
	});

	it('was registered, and a few messages are overdue, without any report or without a final one', async () => {
		const [row] = await database.query('SELECT count(*) AS count FROM messages WHERE reference IS NULL');
		expect(row).to.deep.equal({ count: 0 });
		const { count } = findMessages(database, { overdueAfterMs: Date.now() - now + 3 * DAY_MS });
		for (const overdue of OVERDUE_KINDS) expect((await count({ overdue })).count, overdue).to.be.within(1, 60);
	});

	it('uses only phone numbers that are reserved for fiction', async () => {
		const rows = await database.query<{ recipient: string }>('SELECT DISTINCT recipient FROM messages');
		const numbers = rows.map(({ recipient }) => recipient);
		expect(numbers.filter((number) => !/^(1\d{3}55501\d\d|447700900\d{3})$/.test(number))).to.deep.equal([]);
		expect(numbers).to.have.length.above(100);
	});
});
