import { expect } from 'chai';
import fc from 'fast-check';
import type { Database } from '../../database/database.js';
import { createSchema } from '../../database/schema.js';
import { type ReportRepository, reportRepository, type Stored } from '../../reports/report-repository.js';
import { clear, START_TIMEOUT } from '../database/memory-database.js';
import { type ReportFields, report, reportXml } from '../report-request.js';

/** What has to hold on every database: run by the tests of each. */
export function describeReportRepository(open: () => Promise<Database>): void {
	let database: Database;
	let reports: ReportRepository;

	before(async function () {
		this.timeout(START_TIMEOUT);
		database = await open();
		reports = reportRepository(database);
	});
	beforeEach(() => clear(database));
	after(() => database?.close());

	async function add(fields: ReportFields = {}): Promise<Stored> {
		const xml = reportXml(fields);
		return reports.add(await report(fields), xml);
	}

	async function messages(): Promise<object[]> {
		return database.query(
			`SELECT message_id AS "messageId", recipient, state, final, mm_status AS "mmStatus" FROM messages ORDER BY key`,
		);
	}

	async function state(): Promise<string | undefined> {
		const [row] = await database.query<{ word: string }>('SELECT mm_status AS word FROM messages');
		return row?.word;
	}

	it('keeps every field of a report, and the XML', async () => {
		const fields = {
			transactionId: 't-1',
			mmStatusExtension: 'RejectionByOtherRS',
			applicId: 'a',
			replyApplicId: 'r',
			auxApplicInfo: 'x',
			mmsRelayServerId: 'relay',
			uaCapabilities: { uaProf: 'Phone' },
			extensions: { Campaign: 'spring' },
		};
		const received = await report(fields);
		expect(await reports.add(received, reportXml(fields))).to.equal('current');
		const [row] = await database.query<Record<string, unknown>>('SELECT * FROM reports');
		expect(row).to.deep.include({
			transaction_id: 't-1',
			namespace: 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4',
			mm7_version: '6.8.0',
			mms_relay_server_id: 'relay',
			message_id: '480000000000000001',
			recipient: { kind: 'Number', address: '12015550123', number: '12015550123' },
			sender: { kind: 'Number', address: '54321', number: '54321' },
			date: new Date('2026-03-16T14:03:51.749Z'),
			date_text: '2026-03-16T14:03:51.749Z',
			mm_status: 'Retrieved',
			state: 'delivered',
			final: true,
			mm_status_extension: 'RejectionByOtherRS',
			status_text: 'Success',
			applic_id: 'a',
			reply_applic_id: 'r',
			aux_applic_info: 'x',
			ua_capabilities: { uaProf: 'Phone' },
			operator_id: '0001234',
			extensions: { Campaign: 'spring' },
			received_at: received.receivedAt,
			xml: reportXml(fields),
		});
	});

	it('stores a report once, however often it comes', async () => {
		const again = { transactionId: 't-1' };
		expect([await add(again), await add(again), await add(again)]).to.deep.equal(['current', 'duplicate', 'duplicate']);
		expect(await reports.latest(10)).to.have.lengthOf(1);
	});

	it('stores a report once although its copies come at the same time', async () => {
		const again = { transactionId: 't-1' };
		const outcomes = await Promise.all(Array.from({ length: 20 }, () => add(again)));
		expect(outcomes.filter((outcome) => outcome === 'current')).to.have.lengthOf(1);
		expect(outcomes.filter((outcome) => outcome === 'duplicate')).to.have.lengthOf(19);
		expect(await reports.latest(30)).to.have.lengthOf(1);
	});

	it('takes two reports under one TransactionID for two', async () => {
		await add({ transactionId: 't-1', mmStatus: 'Deferred' });
		expect(await add({ transactionId: 't-1', mmStatus: 'Retrieved' })).to.equal('current');
		expect(await reports.latest(10)).to.have.lengthOf(2);
	});

	it('has one state for each message and recipient', async () => {
		await add({ messageId: 'one', recipient: '12015550123', mmStatus: 'Retrieved' });
		await add({ messageId: 'one', recipient: '12015550124', mmStatus: 'Expired' });
		await add({ messageId: 'two', recipient: '12015550123', mmStatus: 'Deferred' });
		// the same recipient, spelt otherwise
		await add({ messageId: 'two', recipient: '+12015550123', mmStatus: 'Retrieved' });
		expect(await messages()).to.have.deep.members([
			{ messageId: 'one', recipient: '12015550123', state: 'delivered', final: true, mmStatus: 'Retrieved' },
			{ messageId: 'one', recipient: '12015550124', state: 'failed', final: true, mmStatus: 'Expired' },
			{ messageId: 'two', recipient: '12015550123', state: 'delivered', final: true, mmStatus: 'Retrieved' },
		]);
		expect(await reports.counts()).to.deep.equal({ delivered: 2, failed: 1, pending: 0, unknown: 0 });
	});

	const monday = '2026-03-16T12:00:00Z';
	const tuesday = '2026-03-17T12:00:00Z';
	const cases: readonly [title: string, first: ReportFields, second: ReportFields, state: string][] = [
		['a final report replaces an intermediate one', { mmStatus: 'Deferred' }, { mmStatus: 'Retrieved' }, 'Retrieved'],
		[
			'a final report replaces an intermediate one of a later date',
			{ mmStatus: 'Deferred', date: tuesday },
			{ mmStatus: 'Retrieved', date: monday },
			'Retrieved',
		],
		['a late intermediate report changes nothing', { mmStatus: 'Expired' }, { mmStatus: 'Deferred' }, 'Expired'],
		[
			'a late intermediate report changes nothing, though dated later',
			{ mmStatus: 'Expired', date: monday },
			{ mmStatus: 'Deferred', date: tuesday },
			'Expired',
		],
		['a word that is not known changes nothing final', { mmStatus: 'Retrieved' }, { mmStatus: 'Blue' }, 'Retrieved'],
		[
			'of two final reports the one of the later date counts, when it comes last',
			{ mmStatus: 'Expired', date: monday },
			{ mmStatus: 'Retrieved', date: tuesday },
			'Retrieved',
		],
		[
			'of two final reports the one of the later date counts, when it comes first',
			{ mmStatus: 'Retrieved', date: tuesday },
			{ mmStatus: 'Expired', date: monday },
			'Retrieved',
		],
		[
			'of two final reports of one date the one that came last counts',
			{ mmStatus: 'Expired' },
			{ mmStatus: 'Retrieved' },
			'Retrieved',
		],
		['Indeterminate ends waiting', { mmStatus: 'Deferred' }, { mmStatus: 'Indeterminate' }, 'Indeterminate'],
		[
			'nothing intermediate replaces Indeterminate',
			{ mmStatus: 'Indeterminate' },
			{ mmStatus: 'Deferred' },
			'Indeterminate',
		],
		[
			'a real end replaces Indeterminate, though dated earlier',
			{ mmStatus: 'Indeterminate', date: tuesday },
			{ mmStatus: 'Retrieved', date: monday },
			'Retrieved',
		],
		[
			'Indeterminate replaces no real end, though dated later',
			{ mmStatus: 'Rejected', date: monday },
			{ mmStatus: 'Indeterminate', date: tuesday },
			'Rejected',
		],
		[
			'of two intermediate reports the one of the later date counts',
			{ mmStatus: 'Forwarded', date: tuesday },
			{ mmStatus: 'Deferred', date: monday },
			'Forwarded',
		],
		[
			'a report without a readable date counts by its arrival',
			{ mmStatus: 'Expired', date: monday },
			{ mmStatus: 'Retrieved', date: 'soon' },
			'Retrieved',
		],
	];
	for (const [title, first, second, expected] of cases) {
		it(title, async () => {
			await add(first);
			const outcome = await add(second);
			expect(await state()).to.equal(expected);
			expect(outcome).to.equal(second.mmStatus === expected ? 'current' : 'superseded');
		});
	}

	it('comes to the same state however the reports of a message arrive, also at the same time', async function () {
		this.timeout(START_TIMEOUT);
		const words = ['Deferred', 'Forwarded', 'Indeterminate', 'Expired', 'Retrieved', 'Blue'];
		const anyReports = fc.uniqueArray(
			fc.record({ mmStatus: fc.constantFrom(...words), day: fc.integer({ min: 1, max: 28 }) }),
			{
				selector: ({ day }) => day,
				minLength: 2,
				maxLength: 6,
			},
		);
		const certainty = (word: string) =>
			['Blue Deferred Forwarded', 'Indeterminate', 'Expired Retrieved'].findIndex((group) => group.includes(word));
		await fc.assert(
			fc.asyncProperty(anyReports, fc.boolean(), async (sent, together) => {
				await clear(database);
				const all = sent.map(({ mmStatus, day }) => ({
					mmStatus,
					date: new Date(Date.UTC(2026, 2, day)).toISOString(),
				}));
				if (together) await Promise.all(all.map(add));
				else for (const fields of all) await add(fields);
				const [greatest] = [...sent].sort(
					(one, other) => certainty(other.mmStatus) - certainty(one.mmStatus) || other.day - one.day,
				);
				expect(await state()).to.equal(greatest?.mmStatus);
			}),
			{ numRuns: 40 },
		);
	});

	it('stores what PostgreSQL cannot hold as it is, and ids that no index can hold', async () => {
		const longId = Array.from({ length: 20_000 }, (_, index) => (index * 7919).toString(36)).join('');
		const parsed = await report({ messageId: longId });
		const hostile = { ...parsed, statusText: 'a\0b\uD800', extensions: { 'k\0': '\uDC00' } };
		expect(await reports.add(hostile, 'raw\0')).to.equal('current');
		expect(await reports.add(hostile, 'raw\0')).to.equal('duplicate');
		const [found] = await reports.search(longId, 10);
		expect(found).to.include({ messageId: longId, statusText: 'a\uFFFDb\uFFFD' });
	});

	describe('finding', () => {
		it('lists the newest first, page by page', async () => {
			for (const messageId of ['one', 'two', 'three', 'four', 'five']) await add({ messageId });
			const first = await reports.latest(2);
			const second = await reports.latest(2, first.at(-1)?.id);
			const third = await reports.latest(2, second.at(-1)?.id);
			const ids = [first, second, third].map((page) => page.map(({ messageId }) => messageId));
			expect(ids).to.deep.equal([['five', 'four'], ['three', 'two'], ['one']]);
		});

		it('finds by MessageID, recipient and sender, in any spelling of a number', async () => {
			await add({ messageId: 'one', recipient: '12015550123', sender: '54321' });
			await add({ messageId: 'two', recipient: '12015550124', sender: '54321' });
			await add({ messageId: '12015550124', recipient: '12015550125', sender: '54322' });
			const found = async (text: string) => (await reports.search(text, 10)).map(({ messageId }) => messageId);
			expect(await found(' one ')).to.deep.equal(['one']);
			expect(await found('+1 (201) 555-0123')).to.deep.equal(['one']);
			expect(await found('54321')).to.deep.equal(['two', 'one']);
			expect(await found('12015550124')).to.deep.equal(['12015550124', 'two']);
			expect(await found('on')).to.deep.equal([]);
			expect(await found("'; DROP TABLE reports; --")).to.deep.equal([]);
		});

		it('pages through what was found', async () => {
			for (const mmStatus of ['Forwarded', 'Deferred', 'Retrieved']) await add({ mmStatus });
			const first = await reports.search('12015550123', 2);
			const second = await reports.search('12015550123', 2, first.at(-1)?.id);
			expect([...first, ...second].map(({ mmStatus }) => mmStatus)).to.deep.equal([
				'Retrieved',
				'Deferred',
				'Forwarded',
			]);
		});

		it('marks a report that came after the end of its message', async () => {
			await add({ mmStatus: 'Deferred' });
			await add({ mmStatus: 'Retrieved' });
			await add({ mmStatus: 'Forwarded' });
			const listed = await reports.latest(10);
			expect(listed.map(({ mmStatus, late }) => [mmStatus, late])).to.deep.equal([
				['Forwarded', true],
				['Retrieved', false],
				['Deferred', false],
			]);
		});

		it('reads from indexes, never the whole table', async function () {
			this.timeout(START_TIMEOUT);
			await add({ messageId: 'sought' });
			await database.script(`
				INSERT INTO reports (duplicate_key, message_key, transaction_id, message_id, recipient, recipient_search,
					sender_search, mm_status, state, final, extensions, received_at, xml)
				SELECT 'k' || n, message_key, 't', 'm' || n, recipient, n::text, (n % 3)::text, mm_status, state, final,
					extensions, received_at, ''
				FROM reports, generate_series(1, 30000) n;
				ANALYZE reports`);
			const plans: string[] = [];
			const explaining: Database = {
				...database,
				async query<Row extends object>(sql: string, values?: readonly unknown[]) {
					const plan = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, values);
					plans.push(plan.map((line) => line['QUERY PLAN']).join('\n'));
					return database.query<Row>(sql, values);
				},
			};
			expect(await reportRepository(explaining).search('sought', 50)).to.have.lengthOf(1);
			expect(await reportRepository(explaining).latest(50)).to.have.lengthOf(50);
			expect(plans).to.have.lengthOf(2);
			expect(plans[0]).to.include('reports_message_id').and.include('reports_recipient').and.include('reports_sender');
			for (const plan of plans) expect(plan).not.to.match(/Seq Scan on reports/);
		});
	});

	it('can make its tables again at any time, in several processes at once', async () => {
		await add();
		await Promise.all([createSchema(database), createSchema(database), createSchema(database)]);
		expect(await reports.latest(10)).to.have.lengthOf(1);
	});
}
