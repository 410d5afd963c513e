import { expect } from 'chai';
import type { DeliveryReport } from 'mm7-delivery-reports';
import { type Cluster, makeCluster } from '../../../../test/support/postgres-cluster.js';
import type { Database, Value } from '../../../lib/store/database.js';
import { openDatabase } from '../../../lib/store/open-database.js';
import { minuteText } from '../../../lib/store/read/filters.js';
import { findMessages } from '../../../lib/store/read/find-messages.js';
import { messageStories } from '../../../lib/store/read/message-story.js';
import { pulseReader } from '../../../lib/store/read/read-pulse.js';
import { readStatistics } from '../../../lib/store/read/statistics.js';
import { unreadableQueries } from '../../../lib/store/read/unreadable.js';
import { UnreadableRepository } from '../../../lib/store/unreadable-repository.js';
import { storeMany } from '../../support/many-reports.js';
import { openTemporaryDatabase } from '../../support/temporary-database.js';
import { describePageQueries } from './page-queries.suite.js';

const MANY = 100_000;
/** Milliseconds that a query may take. */
const LONGEST = 100;
/** Readings of each query; the fastest counts, for other programs share this machine. */
const READINGS = 5;

describe('the queries of the page', () => {
	let cluster: Cluster;
	before(async () => {
		cluster = await makeCluster();
		await cluster.start();
	});
	after(() => cluster?.remove());
	const openPostgres = async (name: string) =>
		openDatabase({ databaseUrl: await cluster.createDatabase(name), dataDir: '' });

	describe('on PostgreSQL', () => describePageQueries(() => openPostgres('few')));

	describe('with 100,000 reports on SQLite', () => {
		describeFastQueries(openTemporaryDatabase, async (database, sql, values) => {
			const steps = await database.query<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, values);
			return steps.map(({ detail }) => detail).filter((step) => /^SCAN (messages?|reports?)\b(?!.* USING )/.test(step));
		});
	});

	describe('with 100,000 reports on PostgreSQL', () => {
		describeFastQueries(
			() => openPostgres('many'),
			async (database, sql, values) => {
				const lines = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, values);
				return lines.map((line) => line['QUERY PLAN']).filter((line) => /Seq Scan on (messages|reports)/.test(line));
			},
			// as the server does automatically after a while
			() => cluster.psql('VACUUM ANALYZE', 'many'),
		);
	});
});

/** @param scans - the steps of a plan that read a whole table */
function describeFastQueries(
	open: () => Promise<Database>,
	scans: (database: Database, sql: string, values: readonly Value[]) => Promise<string[]>,
	settle: (database: Database) => Promise<unknown> = async () => {},
): void {
	let database: Database;
	let last: DeliveryReport;
	const asked: { sql: string; values: readonly Value[]; milliseconds: number }[] = [];
	/** The same database, but it notes what it is asked, and how long each answer takes. */
	let watched: Database;
	const now = Date.now();

	before(async () => {
		database = await open();
		last = await storeMany(database, MANY, now);
		await new UnreadableRepository(database).add({ error: undefined, body: Buffer.from('<broken>') });
		await settle(database);
		watched = {
			...database,
			async query<Row extends object>(sql: string, values: readonly Value[] = []) {
				const start = performance.now();
				const rows = await database.query<Row>(sql, values);
				asked.push({ sql, values, milliseconds: performance.now() - start });
				return rows;
			},
		};
	});
	after(() => database?.close());
	beforeEach(() => asked.splice(0));

	/** Runs something some times, and holds every query in it against the promise. */
	async function expectFast<Result>(run: () => Promise<Result>): Promise<Result> {
		let result = await run();
		const queries = asked.length;
		for (let n = 1; n < READINGS; n++) result = await run();
		for (let query = 0; query < queries; query++) {
			const same = asked.filter((_, index) => index % queries === query);
			const { sql, values } = same[0] as (typeof asked)[number];
			expect(await scans(database, sql, values), sql).to.deep.equal([]);
			expect(Math.min(...same.map(({ milliseconds }) => milliseconds)), sql).to.be.below(LONGEST);
		}
		return result;
	}

	const searches = {
		nothing: [{ text: '' }, 51, 'more'],
		'the whole MessageID': [{ text: 'MESSAGE' }, 1, 1],
		'the last digits of a number': [{ text: 'NUMBER_END' }, 1, 1],
		'the first digits of a MessageID': [{ text: 'MESSAGE_START' }, 1, 1],
		'a beginning that all have': [{ text: '48' }, 51, 'more'],
		'the sender of all': [{ text: '54321' }, 51, 'more'],
		'the sender of all, and a rare state': [{ text: '54321', state: 'unknown' }, 51, 'more'],
		'what nobody has': [{ text: 'nobody' }, 0, 0],
		'a state': [{ text: '', state: 'failed' }, 51, 'more'],
		'an MMStatus': [{ text: '', mmStatus: 'Indeterminate' }, 51, 'more'],
		'an MMStatus that nothing has': [{ text: '', mmStatus: 'Lost' }, 0, 0],
		'an operator that nobody has': [{ text: '', operator: 'none' }, 0, 0],
		'an operator': [{ text: '', operator: '31004' }, 51, 'more'],
		'an operator and a day': [{ text: '', operator: '31004', span: 'day' }, 51, undefined],
		'an hour': [
			{ text: '', from: minuteText(new Date(now - 7_200_000)), to: minuteText(new Date(now - 3_600_000)) },
			undefined,
			undefined,
		],
	} as const;

	for (const [name, [filters, rows, hits]] of Object.entries(searches)) {
		it(`finds and counts ${name}`, async () => {
			const words: Record<string, string> = {
				MESSAGE: last.messageId,
				MESSAGE_START: last.messageId.slice(0, 12),
				NUMBER_END: last.recipient.address.slice(-8),
			};
			const search = { filters: { ...filters, text: words[filters.text] ?? filters.text } };
			const messages = findMessages(watched);
			const found = await expectFast(() => messages.find(search, 51));
			if (rows !== undefined) expect(found).to.have.lengthOf(rows);
			asked.splice(0);
			const { count, more } = await expectFast(() => messages.count(search.filters));
			if (hits !== undefined) expect(more ? 'more' : count).to.equal(hits);
			const [newest, oldest] = [found[0], found.at(-1)];
			if (found.length < 51 || !newest || !oldest) return;
			asked.splice(0);
			const next = await expectFast(() => messages.find({ ...search, before: oldest }, 51));
			expect(next.filter(({ key }) => found.some((one) => one.key === key))).to.deep.equal([]);
			expect(next[0]?.at.getTime()).to.be.at.most(oldest.at.getTime());
			asked.splice(0);
			const news = await expectFast(() => messages.find({ ...search, since: newest.at }, 200));
			expect(news[0]?.key).to.equal(newest.key);
		});
	}

	it('tells the story of a message', async () => {
		const [message] = await findMessages(database).find({ filters: { text: last.messageId } }, 1);
		const story = await expectFast(() => messageStories(watched).read(message?.key ?? ''));
		expect(story?.reports.map(({ transactionId }) => transactionId)).to.deep.equal([
			`many-${MANY - 2}`,
			`many-${MANY - 1}`,
		]);
		asked.splice(0);
		await expectFast(() => messageStories(watched).xml(message?.reportId ?? ''));
	});

	for (const span of ['day', 'month'] as const) {
		it(`counts those of a ${span}`, async () => {
			const statistics = await expectFast(() => readStatistics(watched)(span, new Date(now)));
			expect(statistics.total).to.be.greaterThan(900);
			expect(statistics.bars).to.have.lengthOf(span === 'day' ? 24 : 30);
			expect(statistics.operators).to.have.lengthOf(9);
		});
	}

	it('reads the pulse and the unreadable requests', async () => {
		const pulse = await expectFast(pulseReader(watched, async () => true));
		expect(pulse).to.include({ unreadable: 1 });
		asked.splice(0);
		const [first] = await expectFast(() => unreadableQueries(watched).list(51));
		asked.splice(0);
		await expectFast(() => unreadableQueries(watched).one(first?.id ?? ''));
	});
}
