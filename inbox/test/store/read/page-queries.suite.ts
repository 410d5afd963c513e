import { expect } from 'chai';
import { parseReadReply } from 'mm7-delivery-reports';
import type { Database } from '../../../lib/store/database.js';
import { readChoices } from '../../../lib/store/read/choices.js';
import type { Filters } from '../../../lib/store/read/filters.js';
import { type FindMessages, findMessages, type ListedMessage } from '../../../lib/store/read/find-messages.js';
import { messageStories } from '../../../lib/store/read/message-story.js';
import { ReportRepository } from '../../../lib/store/report-repository.js';
import { type ReportFields, readReplyXml, report, reportXml } from '../../support/report-request.js';
import { clear, START_TIMEOUT_MS } from '../../support/temporary-database.js';
import { describeOverdue } from './overdue.suite.js';
import { describeStatistics } from './statistics.suite.js';

const HOUR_MS = 3_600_000;

/** Tests the page's queries; run on every database. */
export function describePageQueries(open: () => Promise<Database>): void {
	let database: Database;
	let messages: FindMessages;
	let reports: ReportRepository;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await open();
		messages = findMessages(database);
		reports = new ReportRepository(database);
	});
	beforeEach(() => clear(database));
	after(() => database?.close());

	/** @param hoursAgo - when it arrived */
	async function add(fields: ReportFields, hoursAgo = 0, operatorId?: string): Promise<void> {
		const received = await report(fields);
		const receivedAt = new Date(Date.now() - hoursAgo * HOUR_MS);
		await reports.store({ ...received, receivedAt, operatorId }, { xml: reportXml(fields) });
	}

	async function ids(filters: Filters): Promise<string[]> {
		const found = (await messages.find({ filters }, 100)).map(({ messageId }) => messageId);
		expect(await messages.count(filters)).to.deep.equal({ count: found.length, more: false });
		return found;
	}

	describe('findMessages', () => {
		it('lists each message once, with the report that determines its state, latest change first', async () => {
			await add({ messageId: 'a', mmStatus: 'Forwarded' }, 3);
			await add({ messageId: 'b', mmStatus: 'Retrieved', statusText: 'Fetched' }, 2);
			await add({ messageId: 'a', mmStatus: 'Expired', statusText: 'Too late' }, 1);
			await add({ messageId: 'b', mmStatus: 'Deferred' }, 0);
			const found = await messages.find({ filters: {} }, 10);
			expect(
				found.map(({ messageId, state, mmStatus, statusText }) => [messageId, state, mmStatus, statusText]),
			).to.deep.equal([
				['a', 'failed', 'Expired', 'Too late'],
				['b', 'delivered', 'Retrieved', 'Fetched'],
			]);
			expect(found[0]).to.include({ recipient: '12015550123', sender: '54321', operator: null });
			expect(found[0]?.at.getTime()).to.be.closeTo(Date.now() - HOUR_MS, 10_000);
		});

		it('finds complete ids and numbers and either end of them, in any notation', async () => {
			await add({ messageId: 'abc-123-xyz', recipient: '12015550123' });
			await add({ messageId: 'other', recipient: '12015559999', sender: '+41 79 123 45 67' });
			for (const text of [
				'abc-123-xyz',
				'abc',
				'xyz',
				'-xyz',
				'12015550123',
				'+1 (201) 555-0123',
				'0123',
				'120155501',
			]) {
				expect(await ids({ q: text }), text).to.deep.equal(['abc-123-xyz']);
			}
			for (const text of ['41791234567', '4567', '4179']) expect(await ids({ q: text }), text).to.deep.equal(['other']);
			for (const text of ['0155', 'bc-1', '555', 'nobody', '%', '_', '()', "'; DROP TABLE reports; --"])
				expect(await ids({ q: text }), text).to.deep.equal([]);
		});

		it('finds a message once if both ends match', async () => {
			await add({ messageId: 'aba' });
			expect(await ids({ q: 'a' })).to.deep.equal(['aba']);
		});

		it('finds ids of any length, and text that PostgreSQL cannot store', async () => {
			const long = `${'x'.repeat(5000)}end`;
			await add({ messageId: long });
			await reports.store({ ...(await report()), messageId: 'nul\0' });
			expect((await ids({ q: 'xend' }))[0]).to.have.lengthOf(200);
			expect(await ids({ q: 'nul\0' })).to.have.lengthOf(1);
		});

		it('filters by state, MMStatus, operator and time, alone and combined', async () => {
			await add({ messageId: 'a', mmStatus: 'Retrieved' }, 0, '310');
			await add({ messageId: 'b', mmStatus: 'Expired' }, 30, '310');
			await add({ messageId: 'c', mmStatus: 'Rejected' }, 31 * 24, '311');
			expect(await ids({ state: ['failed'] })).to.deep.equal(['b', 'c']);
			expect(await ids({ mmStatus: ['Rejected'] })).to.deep.equal(['c']);
			expect(await ids({ operator: ['310'] })).to.deep.equal(['a', 'b']);
			expect(await ids({ span: 'day' })).to.deep.equal(['a']);
			expect(await ids({ span: 'month' })).to.deep.equal(['a', 'b']);
			const timeAt = (hoursAgo: number) => new Date(Date.now() - hoursAgo * HOUR_MS);
			expect(await ids({ from: timeAt(40), to: timeAt(20) })).to.deep.equal(['b']);
			expect(await ids({ q: '12015550123', state: ['failed'], operator: ['310'], span: 'month' })).to.deep.equal(['b']);
			expect(await ids({ q: 'c', state: ['delivered'] })).to.deep.equal([]);
		});

		it('paginates without repeating or skipping a message while more arrive', async () => {
			for (let n = 1; n <= 12; n++) await add({ messageId: `m${n}` }, n < 7 ? 1 : 0);
			const [first, seen] = [await messages.find({ filters: {} }, 5), new Set<string>()];
			let page = first;
			while (page.length > 0) {
				await add({ messageId: `new${seen.size}` });
				for (const { messageId } of page) seen.add(messageId);
				page = await messages.find({ filters: {}, before: page.at(-1) }, 5);
			}
			expect([...seen]).to.have.members(Array.from({ length: 12 }, (_, index) => `m${index + 1}`));
		});

		it('paginates back to newer messages, and counts them, however they are found', async () => {
			const times = [30, 30, 29, 28, 5, 5, 5, 4, 3, 3, 2, 1, 1, 0, 0];
			for (const [n, hours] of times.entries()) {
				await add(
					{ messageId: `m${n}`, sender: n % 2 ? '54001' : '54002', mmStatus: n % 3 ? 'Expired' : 'Retrieved' },
					hours,
				);
			}
			const walking = findMessages(database, { maxLookedUp: 0, maxSorted: 0, maxScanned: 0 });
			for (const [found, filters] of [
				[messages, {}],
				[messages, { state: ['failed'] }],
				[messages, { q: 'm' }],
				[messages, { q: 'm', mmStatus: ['expired'] }],
				[walking, { q: 'm' }],
				[walking, { q: '54001', state: ['failed'] }],
			] as [FindMessages, Filters][]) {
				const all = await found.find({ filters }, 100);
				for (const [index, after] of all.entries()) {
					const newer = all.slice(Math.max(0, index - 3), index);
					expect(await found.find({ filters, after }, 3)).to.deep.equal(newer);
					expect(await found.count(filters, after)).to.deep.equal({ count: index, more: false });
				}
			}
			const [, second, , fourth] = await messages.find({ filters: {} }, 4);
			const from = new Date((second as ListedMessage).at.getTime());
			expect((await messages.count({ from }, fourth)).count).to.equal((await messages.count({ from })).count);
		});

		it('lists and counts messages by their start, however they are found', async () => {
			const numbers = Array.from({ length: 12 }, (_, n) => n);
			for (const n of numbers) {
				const fields = { messageId: `m${n}`, sender: n % 2 ? '54001' : '54002' };
				// the message that started last has changed first
				await add({ ...fields, mmStatus: 'Forwarded' }, 2 + n * 3);
				await add({ ...fields, mmStatus: n % 3 ? 'Expired' : 'Retrieved' }, 1 - n / 20);
			}
			const walking = findMessages(database, { maxLookedUp: 0, maxSorted: 0, maxScanned: 0 });
			for (const [filters, matches] of [
				[{}, () => true],
				[{ state: ['failed'] }, (n) => n % 3 > 0],
				[{ sender: ['54001'] }, (n) => n % 2 > 0],
				[{ q: 'm', mmStatus: ['expired'] }, (n) => n % 3 > 0],
				[{ from: new Date(Date.now() - 21 * HOUR_MS), to: new Date(Date.now() - 4 * HOUR_MS) }, (n) => n > 0 && n < 7],
			] as [Filters, (n: number) => boolean][]) {
				const search = { ...filters, by: 'start' } as const;
				const expected = numbers.filter(matches).map((n) => `m${n}`);
				for (const found of [messages, walking]) {
					const all = await found.find({ filters: search }, 100);
					expect(all.map(({ messageId }) => messageId)).to.deep.equal(expected);
					expect(await found.count(search)).to.deep.equal({ count: expected.length, more: false });
					const [first, second] = all;
					expect(await found.find({ filters: search, before: first }, 1)).to.deep.equal([second]);
					expect(await found.find({ filters: search, after: second }, 9)).to.deep.equal([first]);
				}
			}
			const choices = await readChoices(database)({ from: new Date(Date.now() - 3 * HOUR_MS), by: 'start' });
			expect(choices.provider).to.deep.equal([{ value: 'default', count: 1 }]);
			for (const from of [undefined, new Date(-100 * 365 * 24 * HOUR_MS)]) {
				const all = await readChoices(database)({ from, by: 'start' });
				expect(all.provider).to.deep.equal([{ value: 'default', count: 12 }]);
				expect(await messages.count({ from, by: 'start' })).to.deep.equal({ count: 12, more: false });
			}
		});

		it('finds several values of each filter, in any spelling', async () => {
			await add({ messageId: 'a', mmStatus: 'Retrieved', sender: '54001' }, 0, '310');
			await add({ messageId: 'b', mmStatus: 'System rejected', sender: 'Acme Shop' }, 0, 'ATT-US');
			await add({ messageId: 'c', mmStatus: 'Deferred', sender: '+1 (201) 555-0199' }, 0, '312');
			const found = async (filters: Filters) => (await ids(filters)).sort().join('');
			expect(await found({ state: ['failed', 'pending'] })).to.equal('bc');
			expect(await found({ mmStatus: ['SYSTEM-REJECTED', 'retrieved'] })).to.equal('ab');
			expect(await found({ operator: ['312', 'att us'] })).to.equal('bc');
			expect(await found({ provider: ['Default', 'other'] })).to.equal('abc');
			expect(await found({ provider: ['other'] })).to.equal('');
			expect(await found({ sender: ['ACME-SHOP', '0012015550199'] })).to.equal('bc');
			expect(await found({ sender: ['54*', '*0199'] })).to.equal('ac');
			expect(await found({ sender: ['5'] })).to.equal('');
			expect(await found({ sender: ['54001', 'acme shop'], state: ['failed'] })).to.equal('b');
			expect(await found({ mmStatus: ['nul\0'], operator: ['\ud800'] })).to.equal('');
		});

		it('finds complete ids, and recipients complete or by either end', async () => {
			await add({ messageId: 'm1', transactionId: 'tr-1', recipient: '12015550101' });
			await add({ messageId: 'm1', transactionId: 'tr-2', recipient: '12015550102' });
			await add({ messageId: 'm11', transactionId: 'tr-11', recipient: '447911123456', mmStatus: 'Expired' });
			await add({ messageId: 'm11', transactionId: 'tr-12', recipient: '447911123456', mmStatus: 'Deferred' });
			await reports.register({ messageId: 'm11', recipients: ['447911123456'], reference: 'order-7' });
			expect(await ids({ messageId: ['m1'] })).to.deep.equal(['m1', 'm1']);
			expect(await ids({ messageId: ['m1', 'm11'], recipient: ['*0102', '4479*'] })).to.deep.equal(['m11', 'm1']);
			expect(await ids({ messageId: ['m1'], recipient: ['0102'] })).to.deep.equal([]);
			// of the report that determines the state, and of an earlier one
			for (const transactionId of ['tr-11', 'tr-12']) {
				expect(await ids({ transactionId: [transactionId] }), transactionId).to.deep.equal(['m11']);
			}
			expect(await ids({ transactionId: ['tr-1', 'tr-11'], state: ['failed'] })).to.deep.equal(['m11']);
			expect(await ids({ transactionId: ['tr'] })).to.deep.equal([]);
			expect(await ids({ reference: ['order-7'] })).to.deep.equal(['m11']);
			expect(await ids({ reference: ['order'] })).to.deep.equal([]);
			expect(await ids({ recipient: ['+44 (0)7911 123456'], transactionId: ['tr-12'] })).to.deep.equal(['m11']);
			const long = 'x'.repeat(200);
			await add({ messageId: `${long}a`, transactionId: `${long}a` });
			expect(await ids({ messageId: [`${long}b`] })).to.deep.equal([]);
			expect(await ids({ transactionId: [`${long}b`] })).to.deep.equal([]);
			expect(await ids({ messageId: [`${long}a`], transactionId: [`${long}a`] })).to.have.lengthOf(1);
		});

		it('finds TransactionIDs and references by their first characters', async () => {
			await add({ messageId: 'm1', transactionId: 'tr-1' });
			await add({ messageId: 'm2', transactionId: 'other' });
			await reports.register({ messageId: 'm2', recipients: ['12015550123'], reference: 'order-7' });
			for (const text of ['tr-1', 'tr']) expect(await ids({ q: text }), text).to.deep.equal(['m1']);
			for (const text of ['order-7', 'ord']) expect(await ids({ q: text }), text).to.deep.equal(['m2']);
		});

		it('finds numbers as people write them', async () => {
			await add({ messageId: 'uk', recipient: '447911123456', sender: '+49 30 1234567' });
			await add({ messageId: 'us', recipient: '12015550123' });
			const notations = [
				...['0044 7911 123456', '+44 (0)7911 123456', '+44 (0) 7911-123456', '07911 123456', '07911/123456'],
				...['"447911123456"', '\u201c+447911123456\u201d', '\u202a+44 7911 123456\u202c', '+44\u00a07911\u2011123456'],
				...['tel:+447911123456', '00447911', '7911 123456', '030 1234567', '+49 (0)30 1234567'],
			];
			for (const text of notations) expect(await ids({ q: text }), text).to.deep.equal(['uk']);
			// too short to be a national number
			expect(await ids({ q: '0123' })).to.deep.equal(['us']);
			expect(await ids({ q: '0456' })).to.deep.equal([]);
		});

		it('finds each of a pasted list, but only complete ids and numbers', async () => {
			for (const messageId of ['a-1', 'a-2', 'a-3', 'b,c', 'd e']) {
				await add({ messageId, recipient: '12015550100', sender: '999' });
			}
			await add({ messageId: 'f', transactionId: 'tr-9', recipient: '12015550123' });
			await reports.register({ messageId: 'f', recipients: ['12015550123'], reference: 'order-7' });
			const found = async (q: string) => (await ids({ q })).sort().join(' ');
			expect(await found('a-1\na-3\n')).to.equal('a-1 a-3');
			expect(await found('"a-1", "a-2"; a-3')).to.equal('a-1 a-2 a-3');
			expect(await found('a-1 a-2')).to.equal('a-1 a-2');
			expect(await found('a-1, a')).to.equal('a-1');
			expect(await found('x, +1 201 555 0123')).to.equal('f');
			expect(await found('120155501231 12015550123')).to.equal('f');
			for (const id of ['tr-9', 'order-7', '12015550123']) expect(await found(`${id}, x`), id).to.equal('f');
			// ids that contain separators
			expect(await found('b,c')).to.equal('b,c');
			expect(await found('d e')).to.equal('d e');
			expect(await found(' , ')).to.equal('');
		});

		it('looks up the rarest filter, and walks through all messages if every filter has many matches', async () => {
			for (let n = 0; n < 12; n++) {
				await add({
					messageId: `m${n}`,
					transactionId: 'same',
					sender: '54001',
					mmStatus: n % 2 ? 'Expired' : 'Deferred',
				});
			}
			const few = findMessages(database, { maxLookedUp: 3, maxSorted: 3, maxScanned: 3 });
			const all: Filters = { q: '54001', transactionId: ['same'], sender: ['54001'], recipient: ['12015550123'] };
			for (const state of [undefined, ['failed' as const]]) {
				const filters = { ...all, state };
				const expected = await messages.find({ filters }, 100);
				expect(expected).to.have.lengthOf(state ? 6 : 12);
				expect(await few.find({ filters }, 100)).to.deep.equal(expected);
				const one = { ...filters, messageId: ['m7'] };
				expect((await few.find({ filters: one }, 100)).map(({ messageId }) => messageId)).to.deep.equal(['m7']);
			}
		});

		it('truncates long texts', async () => {
			const long = 'x'.repeat(40_000);
			await add({ messageId: long, mmStatus: long, statusText: long, sender: long, recipient: long });
			const [found] = await messages.find({ filters: {} }, 1);
			expect(JSON.stringify(found).length).to.be.below(2000);
		});
	});

	describe('readChoices', () => {
		it('returns the values of each filter with the number of messages, equal spellings together', async () => {
			await add({ messageId: 'a', mmStatus: 'Retrieved', sender: '54001' }, 0, '310');
			await add({ messageId: 'b', mmStatus: 'Expired', sender: '54001' }, 0, '311');
			await add({ messageId: 'c', mmStatus: 'expired', sender: 'Acme' }, 0, '311');
			await add({ messageId: 'd', mmStatus: 'Rejected' }, 50);
			const choices = await readChoices(database)({ from: new Date(Date.now() - 3 * HOUR_MS) });
			expect(choices).to.deep.equal({
				mmStatus: [
					{ value: 'Expired', count: 2 },
					{ value: 'Retrieved', count: 1 },
				],
				sender: [
					{ value: '54001', count: 2 },
					{ value: 'acme', count: 1 },
				],
				operator: [
					{ value: '311', count: 2 },
					{ value: '310', count: 1 },
				],
				provider: [{ value: 'default', count: 3 }],
			});
			const all = await readChoices(database)({});
			expect(all.mmStatus.map(({ value }) => value)).to.have.members(['Expired', 'Retrieved', 'Rejected']);
			expect(all.provider).to.deep.equal([{ value: 'default', count: 4 }]);
			for (const [filter, values] of Object.entries(all)) {
				for (const { value, count } of values) expect(await ids({ [filter]: [value] }), value).to.have.lengthOf(count);
			}
		});
	});

	describe('messageStories', () => {
		async function story(text: string) {
			const [found] = await messages.find({ filters: { q: text } }, 1);
			return messageStories(database).read(found?.key ?? '');
		}

		it('returns every report in the order of arrival, and the one that determines the state', async () => {
			// more than nine, so that ids of different lengths are sorted
			for (let n = 0; n < 9; n++) await add({ messageId: 'other' });
			for (const mmStatus of ['Forwarded', 'Retrieved', 'Deferred']) {
				await add({ messageId: 'a', mmStatus, extensions: { Campaign: 'spring' } }, 0, '310');
			}
			const told = await story('a');
			expect(told).to.include({
				messageId: 'a',
				state: 'delivered',
				mmStatus: 'Retrieved',
				final: true,
				reportCount: 3,
			});
			expect(told?.reports.map(({ mmStatus }) => mmStatus)).to.deep.equal(['Forwarded', 'Retrieved', 'Deferred']);
			const deciding = told?.reports.find(({ id }) => id === told.reportId);
			expect(deciding?.mmStatus).to.equal('Retrieved');
			expect(told?.since).to.deep.equal(deciding?.receivedAt);
			const [first] = told?.reports ?? [];
			expect(first).to.include({ kind: 'delivery', operator: '310', statusText: 'Forwarded' });
			expect(first?.recipient).to.include({ number: '12015550123' });
			expect(first?.date).to.deep.equal(new Date('2026-03-16T14:03:51.749Z'));
			const whole = await messageStories(database).report(first?.id ?? '');
			expect(whole).to.deep.include({ ...first, messageKey: told?.key });
			expect(JSON.parse(whole?.extensions ?? '')).to.deep.equal({ Campaign: 'spring' });
			expect(whole?.xml).to.include('<MMStatus>Forwarded</MMStatus>');
			expect(await messageStories(database).xml(first?.id ?? '')).to.equal(whole?.xml);
		});

		it('begins with the registration, whenever it arrived', async () => {
			await add({ messageId: 'a', mmStatus: 'Forwarded' });
			const submittedAt = new Date('2026-03-16T14:00:00Z');
			const facts = { messageId: 'a', recipients: ['+12015550123'], reference: 'order-7', submittedAt };
			await reports.register({ ...facts, submittedAt: undefined });
			await reports.register(facts);
			const told = await story('a');
			expect(told).to.deep.include({ state: 'pending', reportCount: 1, reference: 'order-7', submittedAt });
			expect(told?.reports).to.have.lengthOf(1);
			expect(told?.submission).to.deep.include({ kind: 'submission', state: 'submitted', mmStatus: '' });
			await reports.register({ ...facts, messageId: 'b' });
			const [submission] = await messages.find({ filters: { state: ['submitted'] } }, 10);
			expect(submission).to.deep.include({ messageId: 'b', at: submittedAt, recipient: '+12015550123', mmStatus: '' });
			expect(await story('b')).to.deep.include({ state: 'submitted', reportCount: 0, since: submittedAt });
		});

		it('includes read replies, which never change the state', async () => {
			const reply = async () => {
				const xml = readReplyXml({ messageId: 'a' });
				await reports.store(await parseReadReply(xml, { 'content-type': 'text/xml' }), { xml });
			};
			await reply();
			expect(await story('a')).to.include({ state: 'delivered', mmStatus: 'Read', final: true });
			await add({ messageId: 'a', mmStatus: 'Deferred' });
			await reply();
			expect(await story('a')).to.include({ state: 'pending', mmStatus: 'Deferred' });
			await add({ messageId: 'a', mmStatus: 'Retrieved' });
			const told = await story('a');
			expect(told).to.include({ state: 'delivered', mmStatus: 'Retrieved', reportCount: 4 });
			expect(told?.reports.map(({ kind, state }) => [kind, state])).to.deep.equal([
				['read', 'read'],
				['delivery', 'pending'],
				['read', 'read'],
				['delivery', 'delivered'],
			]);
		});

		it('lists the other recipients of its provider', async () => {
			await add({ messageId: 'a', recipient: '12015550001' });
			await add({ messageId: 'a', recipient: '12015550002', mmStatus: 'Expired' });
			await add({ messageId: 'ab', recipient: '12015550003' });
			await reports.store(await report({ messageId: 'a', recipient: '12015550006' }), { provider: 'other' });
			const told = await story('12015550001');
			expect(told?.otherRecipients.map(({ recipient, state }) => [recipient, state])).to.deep.equal([
				['12015550002', 'failed'],
			]);
			const long = 'x'.repeat(200);
			await add({ messageId: `${long}a`, recipient: '12015550004' });
			await add({ messageId: `${long}b`, recipient: '12015550005' });
			expect((await story('12015550004'))?.otherRecipients).to.deep.equal([]);
		});

		it('stays small regardless of the number and length of reports', async () => {
			const long = 'x'.repeat(100_000);
			const recipient = { kind: 'Number' as const, address: long, number: '12015550123' };
			const all = await Promise.all(
				Array.from({ length: 110 }, () => report({ messageId: 'a', statusText: long, sender: long })),
			);
			await Promise.all(all.map((one) => reports.store({ ...one, recipient }, { xml: long })));
			const told = await story('a');
			expect(told?.reportCount).to.equal(110);
			expect(told?.reports).to.have.lengthOf(100);
			expect(JSON.stringify(told).length).to.be.below(200_000);
			const whole = await messageStories(database).report(told?.reportId ?? '');
			expect(whole?.xmlLength).to.equal(long.length);
			expect(JSON.stringify(whole).length).to.be.below(25_000);
		}).timeout(30_000);

		it('returns undefined for unknown keys and ids', async () => {
			expect(await messageStories(database).read('x')).to.equal(undefined);
			expect(await messageStories(database).xml('17')).to.equal(undefined);
			expect(await messageStories(database).report('17')).to.equal(undefined);
		});
	});

	describe('readStatistics', () => describeStatistics(() => database));

	describe('overdue messages', () => describeOverdue(() => database));
}
