import { expect } from 'chai';
import fc from 'fast-check';
import type { Address, DeliveryReport } from 'mm7-delivery-reports';
import { anyArrivals, anyReport, greatestOf } from '../../../test/support/state-model.js';
import { COUNTED_UNITS, wrongCounts } from '../../lib/store/counters.js';
import { type Database, DatabaseError } from '../../lib/store/database.js';
import { ReportRepository, type StoreResult } from '../../lib/store/report-repository.js';
import type { Registration } from '../../lib/store/report-row.js';
import { decompressXml } from '../../lib/store/xml-codec.js';
import { type ReportFields, readReply, report, reportXml } from '../support/report-request.js';
import { stateCounts, storedReports } from '../support/stored-reports.js';
import { clear, START_TIMEOUT_MS } from '../support/temporary-database.js';

/**
 * Tests the repository; run on every database.
 *
 * @param openBoth - opens one database twice, as two processes do
 */
export function describeReportRepository(openBoth: () => Promise<readonly [Database, Database]>): void {
	let database: Database;
	let otherDatabase: Database;
	let reports: ReportRepository;
	let otherReports: ReportRepository;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		[database, otherDatabase] = await openBoth();
		reports = new ReportRepository(database);
		otherReports = new ReportRepository(otherDatabase);
	});
	beforeEach(() => clear(database));
	afterEach(async () => expect(await wrongCounts(database)).to.deep.equal([]));
	after(async () => {
		await otherDatabase?.close();
		await database?.close();
	});

	async function add(fields: ReportFields = {}): Promise<StoreResult> {
		const xml = reportXml(fields);
		return store(await report(fields), xml);
	}

	async function store(received: DeliveryReport, xml: string): Promise<StoreResult> {
		return (await reports.store(received, { xml })).result;
	}

	async function messages(): Promise<object[]> {
		return database.query(
			`SELECT message_id AS "messageId", recipient, state, CAST(final AS integer) AS final, mm_status AS "mmStatus"
			FROM messages`,
		);
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
		expect(await store(received, reportXml(fields))).to.equal('current');
		const [row] = await database.query<Record<string, unknown>>('SELECT * FROM reports');
		expect(plain(row)).to.deep.include({
			kind: 'delivery',
			provider: 'default',
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
		});
		expect(decompressXml(row?.['xml'] as Uint8Array, Number(row?.['xml_dictionary']))).to.equal(reportXml(fields));
	});

	it('stores a report once, however often it is sent', async () => {
		const again = { transactionId: 't-1' };
		expect([await add(again), await add(again), await add(again)]).to.deep.equal(['current', 'duplicate', 'duplicate']);
		expect(await storedReports(database)).to.have.lengthOf(1);
	});

	it('stores a report once if its copies arrive at the same time', async () => {
		const again = { transactionId: 't-1' };
		const outcomes = await Promise.all(Array.from({ length: 20 }, () => add(again)));
		expect(outcomes.filter((outcome) => outcome === 'current')).to.have.lengthOf(1);
		expect(outcomes.filter((outcome) => outcome === 'duplicate')).to.have.lengthOf(19);
		expect(await storedReports(database)).to.have.lengthOf(1);
	});

	describe('for reports that arrive together', () => {
		it('stores each once, and returns the outcome of each', async () => {
			// the first one is written alone while the others wait
			const first = add({ messageId: 'first' });
			const fields = ['one', 'two', 'one', 'three', 'two', 'one'].map((id) => ({ messageId: id, transactionId: id }));
			const outcomes = await Promise.all(fields.map(add));
			expect(outcomes).to.deep.equal(['current', 'current', 'duplicate', 'current', 'duplicate', 'duplicate']);
			expect(await first).to.equal('current');
			expect(await storedReports(database)).to.have.lengthOf(4);
			expect(await Promise.all(fields.map(add))).to.deep.equal(Array(6).fill('duplicate'));
		});

		it('lets the highest-ranked report of a message win', async () => {
			const words = ['Deferred', 'Expired', 'Retrieved', 'Forwarded'];
			const all = await Promise.all(words.map((mmStatus) => report({ mmStatus })));
			const outcomes = await Promise.all(all.map((received) => store(received, '')));
			expect(outcomes).to.deep.equal(['superseded', 'superseded', 'current', 'superseded']);
			const listed = await storedReports(database);
			expect(listed.map(({ mmStatus }) => mmStatus)).to.deep.equal([...words].reverse());
			expect(await stateCounts(database)).to.deep.equal({ delivered: 1 });
		});

		it('rejects only the one that cannot be stored', async () => {
			const all = await Promise.all(['one', 'two', 'three'].map((messageId) => report({ messageId })));
			const [one, two, three] = all as [DeliveryReport, DeliveryReport, DeliveryReport];
			const outcomes = await Promise.allSettled(
				[one, { ...two, mmStatus: undefined as unknown as string }, three].map((received) => store(received, '')),
			);
			expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
			const { reason } = outcomes[1] as PromiseRejectedResult;
			expect(reason).to.be.instanceOf(DatabaseError).with.property('failure', 'refused');
			expect(await storedReports(database)).to.have.lengthOf(2);
		});

		it('does not store one that was aborted before its turn', async () => {
			const late = new AbortController();
			const received = await report({ messageId: 'late' });
			const first = reports.store(await report({ messageId: 'first' }));
			// now the first is being written
			await new Promise((resolve) => setImmediate(resolve));
			const outcome = reports.store(received, { signal: late.signal }).catch((error: unknown) => error);
			const reason = new Error('too late');
			late.abort(reason);
			expect(await outcome).to.equal(reason);
			await first;
			expect(await storedReports(database)).to.have.lengthOf(1);
		});
	});

	it('treats two reports with one TransactionID as distinct', async () => {
		await add({ transactionId: 't-1', mmStatus: 'Deferred' });
		expect(await add({ transactionId: 't-1', mmStatus: 'Retrieved' })).to.equal('current');
		expect(await storedReports(database)).to.have.lengthOf(2);
	});

	it('keeps one state per message and recipient', async () => {
		await add({ messageId: 'one', recipient: '12015550123', mmStatus: 'Retrieved' });
		await add({ messageId: 'one', recipient: '12015550124', mmStatus: 'Expired' });
		await add({ messageId: 'two', recipient: '12015550123', mmStatus: 'Deferred' });
		// the same recipient in a different notation
		await add({ messageId: 'two', recipient: '+12015550123', mmStatus: 'Retrieved' });
		expect(await messages()).to.have.deep.members([
			{ messageId: 'one', recipient: '12015550123', state: 'delivered', final: 1, mmStatus: 'Retrieved' },
			{ messageId: 'one', recipient: '12015550124', state: 'failed', final: 1, mmStatus: 'Expired' },
			{ messageId: 'two', recipient: '12015550123', state: 'delivered', final: 1, mmStatus: 'Retrieved' },
		]);
		expect(await stateCounts(database)).to.deep.equal({ delivered: 2, failed: 1 });
	});

	it('keeps the messages of each provider apart', async () => {
		const received = await report();
		for (const provider of ['sinch', 'vibes', 'sinch']) await reports.store(received, { provider });
		expect(await storedReports(database)).to.have.lengthOf(2);
		expect(await database.query('SELECT provider FROM messages ORDER BY provider')).to.deep.equal([
			{ provider: 'sinch' },
			{ provider: 'vibes' },
		]);
	});

	describe('the counters', () => {
		const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 2, 16, hour, minute));
		const counts = (columns: string, table = 'counters') =>
			database.query(
				`SELECT hour - ${at(0).getTime() / 3_600_000} AS hour, ${columns}, CAST(changed AS integer) AS changed,
					CAST(started AS integer) AS started
				FROM ${table} WHERE hour >= 0 AND (changed <> 0 OR started <> 0) ORDER BY hour, ${columns}`,
			);

		it('count a message in the hour of its current state and in the hour it started', async () => {
			await store({ ...(await report({ mmStatus: 'Forwarded' })), receivedAt: at(1) }, '');
			expect(await counts('state')).to.deep.equal([{ hour: 1, state: 'pending', changed: 1, started: 1 }]);
			await store({ ...(await report({ mmStatus: 'Retrieved' })), receivedAt: at(3) }, '');
			expect(await counts('state, mm_status, operator_id, provider')).to.deep.equal(
				[1, 3].map((hour) => ({
					...{ hour, state: 'delivered', mm_status: 'Retrieved', operator_id: '0001234', provider: 'default' },
					...{ changed: hour === 3 ? 1 : 0, started: hour === 1 ? 1 : 0 },
				})),
			);
			expect(await counts('sender', 'sender_counters')).to.deep.equal([
				{ hour: 1, sender: '54321', changed: 0, started: 1 },
				{ hour: 3, sender: '54321', changed: 1, started: 0 },
			]);
		});

		it('count the same by day and by eight days', async () => {
			await store({ ...(await report({ mmStatus: 'Forwarded' })), receivedAt: at(1) }, '');
			await store({ ...(await report({ mmStatus: 'Retrieved' })), receivedAt: at(240) }, '');
			for (const table of ['counters', 'sender_counters']) {
				for (const { hours, first } of COUNTED_UNITS) {
					const sql = `SELECT hour - ${first} AS unit, state, CAST(changed AS integer) AS changed,
							CAST(started AS integer) AS started
						FROM ${table} WHERE hour BETWEEN ${first} AND ${first + 1_000_000} AND (changed <> 0 OR started <> 0)
						ORDER BY hour`;
					const unit = (hour: number) => Math.floor(at(hour).getTime() / 3_600_000 / hours);
					expect(await database.query(sql)).to.deep.equal([
						{ unit: unit(1), state: 'delivered', changed: 0, started: 1 },
						{ unit: unit(240), state: 'delivered', changed: 1, started: 0 },
					]);
				}
			}
		});

		it('count delivery times if the submission time is certain', async () => {
			const deliver = async (messageId: string, minute: number, submittedAt?: Date) =>
				reports.store({ ...(await report({ messageId })), receivedAt: at(2, minute) }, { submittedAt });
			await deliver('unknown', 1);
			await deliver('a', 1, at(2));
			await deliver('b', 2, at(2));
			await deliver('c', 2, at(2));
			await reports.store(await report({ messageId: 'pending', mmStatus: 'Deferred' }), { submittedAt: at(2) });
			expect(await counts('seconds', 'delivery_times')).to.deep.equal([
				{ hour: 2, seconds: 60, changed: 1, started: 1 },
				{ hour: 2, seconds: 120, changed: 2, started: 2 },
			]);
		});

		it('are reduced when messages are deleted', async () => {
			await store({ ...(await report()), receivedAt: at(1) }, '');
			expect(await reports.deleteReceivedBefore(at(2), 10)).to.equal(1);
			await reports.sweepCounters(new Date('2200-01-01'));
			for (const table of ['counters', 'sender_counters']) {
				expect(await database.query(`SELECT * FROM ${table}`)).to.deep.equal([]);
			}
		});

		it('are checked by wrongCounts', async () => {
			await add();
			await database.write({ sql: 'UPDATE counters SET changed = changed + 1 WHERE changed > 0' });
			// for each unit, the stored count and the right one
			expect(await wrongCounts(database)).to.have.lengthOf(2 * COUNTED_UNITS.length);
			await database.write({ sql: 'UPDATE counters SET changed = changed - 1 WHERE changed > 0' });
		});
	});

	const coded = (address: string) => ({ kind: 'Number' as const, address, addressCoding: 'encrypted' });
	const mail = (address: string) => ({ kind: 'RFC2822Address' as const, address });
	const number = (address: string) => ({ kind: 'Number' as const, address, number: address });
	const RECIPIENTS: readonly [title: string, one: Address, other: Address, messages: 1 | 2][] = [
		['encrypted recipients that differ in case', coded('qL3v='), coded('Ql3v='), 2],
		['recipients that differ after 200 characters', coded(`${'x'.repeat(200)}a`), coded(`${'x'.repeat(200)}b`), 2],
		['obfuscated digits in two groupings', { ...coded('12-34') }, { ...coded('1-234') }, 2],
		['obfuscated digits and the same as a number', { ...coded('1234'), number: '1234' }, number('1234'), 2],
		['e-mail addresses that differ in case', mail('joe@example.net'), mail('Joe@example.net'), 2],
		['long e-mail addresses', mail(`${'x'.repeat(300)}@a.example`), mail(`${'x'.repeat(300)}@b.example`), 2],
		['words instead of a number', number('INFO'), number('info'), 2],
		['one number in two spellings', number('+1 (201) 555-0123'), number('12015550123'), 1],
	];
	for (const [title, one, other, count] of RECIPIENTS) {
		it(`keeps ${count === 1 ? 'one message' : 'two messages'} for ${title}`, async () => {
			const sample = await report();
			await store({ ...sample, recipient: one }, '');
			await store({ ...sample, recipient: other, transactionId: 'other' }, '');
			expect(await messages()).to.have.lengthOf(count);
		});
	}

	it('keeps a delivered message delivered when a copy of its failed report is resent', async () => {
		const expired = await report({ mmStatus: 'Expired', date: 'soon' });
		await store(expired, '');
		await add({ mmStatus: 'Retrieved', date: 'soon' });
		expect(await store({ ...expired, receivedAt: new Date(Date.now() + 1000) }, '')).to.equal('duplicate');
		expect(await stateCounts(database)).to.deep.equal({ delivered: 1 });
	});

	it('keeps the report that supersedes() prefers, regardless of order, copies and clocks', async function () {
		this.timeout(START_TIMEOUT_MS);
		const sample = await report();
		let messageCount = 0;

		async function expectGreatest([sent, arrivals, together]: History): Promise<void> {
			const messageId = `random-${++messageCount}`;
			const all = arrivals.map(([said, receivedAt, inOther]) => () => {
				const dateText = said.date?.toISOString();
				const received = { ...sample, ...said, dateText, messageId, receivedAt } as DeliveryReport;
				return (inOther ? otherReports : reports).store(received);
			});
			if (together) await Promise.all(all.map((storeOne) => storeOne()));
			else for (const storeOne of all) await storeOne();
			const rows = await database.query<Record<string, unknown>>(
				`SELECT message.state, CAST(message.final AS integer) AS final, message.mm_status AS "mmStatus", report.date,
					report.transaction_id AS "transactionId", message.received_at AS "messageAt", report.received_at AS "reportAt"
				FROM messages AS message JOIN reports AS report ON report.id = message.report_id
				WHERE message.message_id = $1`,
				[messageId],
			);
			const [{ messageAt, reportAt, date, ...row } = {}] = rows;
			const { final, ...expected } = greatestOf(sent);
			const found = { ...row, date: date ? new Date(date as string | Date) : undefined };
			expect(rows).to.have.lengthOf(1);
			expect(found, JSON.stringify(arrivals)).to.deep.equal({ ...expected, final: Number(final) });
			expect(messageAt).to.deep.equal(reportAt);
		}

		await fc.assert(
			fc.asyncProperty(fc.array(anyHistory, { minLength: 200, maxLength: 200 }), async (histories) => {
				await Promise.all(histories.map(expectGreatest));
			}),
			{ numRuns: 10, endOnFailure: true },
		);
	});

	it('knows the time of submission from the dates of providers that send it, unless it is impossible', async () => {
		const receivedAt = new Date('2026-03-16T14:05:00Z');
		const sinch = new ReportRepository(database, { sendingSubmissionDates: ['sinch'] });
		const dates: [messageId: string, date: string, provider?: string][] = [
			['past', '2026-03-16T14:04:00.000Z', 'sinch'],
			['future', '2026-03-16T14:06:00.000Z', 'sinch'],
			['ancient', '0001-01-01T00:00:00.000Z', 'sinch'],
			['other', '2026-03-16T14:04:00.000Z'],
		];
		for (const [messageId, date, provider] of dates) {
			await sinch.store({ ...(await report({ messageId, date })), receivedAt }, { provider });
		}
		const reply = await readReply({ messageId: 'read', date: '2026-03-16T14:04:00.000Z' });
		await sinch.store({ ...reply, receivedAt }, { provider: 'sinch' });
		const rows = await database.query<Record<string, unknown>>(
			'SELECT message_id AS id, submitted_at AS at FROM messages WHERE submitted_at IS NOT NULL',
		);
		expect(rows.map(times)).to.deep.equal([{ id: 'past', at: '2026-03-16T14:04:00.000Z' }]);
	});

	describe('a registration', () => {
		const at = (minute: number) => new Date(Date.UTC(2026, 2, 16, 14, minute));
		const FACTS = {
			messageId: '480000000000000001',
			recipients: ['+1 (201) 555-0123'],
			sender: '54321',
			submittedAt: at(0),
			reference: 'order-7',
		};

		async function message(): Promise<Record<string, unknown>> {
			const rows = await database.query<Record<string, unknown>>('SELECT * FROM messages');
			expect(rows).to.have.lengthOf(1);
			return times(rows[0] ?? {});
		}

		it('makes a message known that no report has come in about', async () => {
			await reports.register(FACTS);
			expect(await message()).to.include({
				provider: 'default',
				recipient: '12015550123',
				state: 'submitted',
				mm_status: '',
				sender: '54321',
				reference: 'order-7',
				submitted_at: at(0).toISOString(),
				started_at: at(0).toISOString(),
				received_at: at(0).toISOString(),
			});
		});

		it('gives each recipient a message, at its provider', async () => {
			await reports.register({ ...FACTS, recipients: ['12015550123', '12015550124'], provider: 'sinch' });
			await reports.store(await report({ recipient: '12015550124' }), { provider: 'sinch' });
			await reports.store(await report({ recipient: '12015550123' }));
			const rows = await database.query('SELECT provider, recipient, state FROM messages ORDER BY provider, recipient');
			expect(rows).to.deep.equal([
				{ provider: 'default', recipient: '12015550123', state: 'delivered' },
				{ provider: 'sinch', recipient: '12015550123', state: 'submitted' },
				{ provider: 'sinch', recipient: '12015550124', state: 'delivered' },
			]);
		});

		it('never changes the state of a message with a report, and adds what it knows', async () => {
			await add({ mmStatus: 'Deferred', sender: null });
			await reports.register(FACTS);
			expect(await message()).to.include({
				state: 'pending',
				sender: '54321',
				reference: 'order-7',
				submitted_at: at(0).toISOString(),
				started_at: at(0).toISOString(),
			});
		});

		it('is stored once', async () => {
			await Promise.all([reports.register(FACTS), otherReports.register(FACTS), reports.register(FACTS)]);
			await reports.register({ ...FACTS, recipients: ['12015550123'] });
			expect(await storedReports(database)).to.have.lengthOf(1);
		});

		it('is deleted when its age is that of old reports, like the message without a report', async () => {
			await reports.register({ ...FACTS, recipients: ['12015550123', '12015550124'] });
			await reports.store({ ...(await report()), receivedAt: at(10) });
			expect(await reports.deleteReceivedBefore(at(5), 10)).to.equal(2);
			expect(await message()).to.include({ state: 'delivered', reference: 'order-7' });
			expect(await reports.deleteReceivedBefore(at(15), 10)).to.equal(1);
			expect(await messages()).to.deep.equal([]);
		});

		it('is not a report that has arrived', async () => {
			await reports.register(FACTS);
			expect(await reports.newestArrival(new Date())).to.equal(undefined);
		});

		it('ends in the same row as in any other order, grouping and process', async function () {
			this.timeout(START_TIMEOUT_MS);
			const sample = await report();
			let messageCount = 0;

			async function expectTheRow([arrivals, together]: MixedHistory): Promise<void> {
				const messageId = `mixed-${++messageCount}`;
				const all = arrivals.map(([arrival, inOther]) => () => {
					const repository = inOther ? otherReports : reports;
					if (arrival.kind === 'registration') {
						const { registeredAt, ...facts } = arrival;
						return repository.register({ messageId, recipients: ['12015550123'], ...facts }, registeredAt);
					}
					return repository.store(reportOf(arrival, sample, messageId), { submittedAt: arrival.submittedAt });
				});
				if (together) await Promise.all(all.map((storeOne) => storeOne()));
				else for (const storeOne of all) await storeOne();
				const rows = await database.query<Record<string, unknown>>(`${ROW_SQL} WHERE message_id = $1`, [messageId]);
				const expected = expectedRow(arrivals.map(([arrival]) => arrival));
				expect(rows.map(times), JSON.stringify(arrivals)).to.deep.equal([expected]);
			}

			await fc.assert(
				fc.asyncProperty(fc.array(anyMixedHistory, { minLength: 100, maxLength: 100 }), async (histories) => {
					await Promise.all(histories.map(expectTheRow));
				}),
				{ numRuns: 20, endOnFailure: true },
			);
		});
	});

	it('replaces characters that PostgreSQL cannot store, and stores ids of any length', async () => {
		const longId = Array.from({ length: 20_000 }, (_, index) => (index * 7919).toString(36)).join('');
		const parsed = await report({ messageId: longId });
		const hostile = { ...parsed, statusText: 'a\0b\uD800', extensions: { 'k\0': '\uDC00' } };
		expect(await store(hostile, 'raw\0')).to.equal('current');
		expect(await store(hostile, 'raw\0')).to.equal('duplicate');
		const [found] = await storedReports(database);
		expect(found).to.include({ messageId: longId, statusText: 'a\uFFFDb\uFFFD' });
	});

	it('deletes old reports and the messages whose state they determine, in steps', async () => {
		const old = new Date('2025-01-01T00:00:00Z');
		const received = async (fields: ReportFields, receivedAt = new Date()) =>
			store({ ...(await report(fields)), receivedAt }, '');
		await received({ messageId: 'old' }, old);
		await received({ messageId: 'both', mmStatus: 'Deferred' }, old);
		await received({ messageId: 'both', mmStatus: 'Retrieved' });
		await received({ messageId: 'new' });
		const before = new Date('2025-01-02T00:00:00Z');
		expect(await reports.deleteReceivedBefore(before, 1)).to.equal(1);
		expect(await reports.deleteReceivedBefore(before, 10)).to.equal(1);
		expect(await reports.deleteReceivedBefore(before, 10)).to.equal(0);
		expect((await storedReports(database)).map(({ mmStatus }) => mmStatus)).to.deep.equal(['Retrieved', 'Retrieved']);
		expect((await messages()).map((row) => (row as { messageId: string }).messageId)).to.have.members(['both', 'new']);
	});
}

type RankedReport = Parameters<typeof greatestOf>[0][number];
/** Reports about a message: when each arrives, whether another process receives it, and whether all arrive at once. */
type History = [
	sent: RankedReport[],
	arrivals: [RankedReport, receivedAt: Date, inOther: boolean][],
	together: boolean,
];

const anyTime = fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });

const anyHistory: fc.Arbitrary<History> = anyArrivals.chain(([sent, arrivals]) =>
	fc.tuple(
		fc.constant(sent),
		fc.tuple(...arrivals.map((one) => fc.tuple(fc.constant(one), anyTime, fc.boolean()))),
		fc.boolean(),
	),
);

/** A registration, delivery report or read reply about a message, each with its time of arrival. */
export type Arrival =
	| ({ kind: 'registration'; registeredAt: Date } & Pick<Registration, 'sender' | 'reference' | 'submittedAt'>)
	| { kind: 'delivery' | 'read'; said: RankedReport; from?: string; submittedAt?: Date; receivedAt: Date };
export type MixedHistory = [arrivals: [Arrival, inOther: boolean][], together: boolean];

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const anyMinute = fc.integer({ min: 0, max: 5 }).map((minute) => new Date(Date.UTC(2026, 2, 16, 14, minute)));
const anySender = fc.constantFrom('1', '10', '9');

const anyRegistration: fc.Arbitrary<Arrival> = fc.record({
	kind: fc.constant('registration' as const),
	registeredAt: anyMinute,
	sender: optional(anySender),
	reference: optional(fc.constantFrom('a', 'B', '\u{1F600}', '\uFF5E')),
	submittedAt: optional(anyMinute),
});

const anyReportArrival: fc.Arbitrary<Arrival> = fc
	.record({
		isReply: fc.boolean(),
		said: anyReport,
		from: optional(anySender),
		submittedAt: optional(anyMinute),
		receivedAt: anyMinute,
	})
	.map(({ from, submittedAt, isReply, ...arrival }) => ({
		...arrival,
		// among read replies, no word is more certain than another
		kind: isReply && !arrival.said.final ? ('read' as const) : ('delivery' as const),
		...(from && { from }),
		...(submittedAt && { submittedAt }),
	}));

/** What makes two arrivals copies of one. A copy that arrives at another time would be stored with that time. */
export function identityOf(arrival: Arrival): string {
	const { sender, reference, submittedAt } = arrival as Extract<Arrival, { kind: 'registration' }>;
	const { mmStatus, date, transactionId } =
		arrival.kind === 'registration' ? {} : (arrival.said as Partial<RankedReport>);
	return JSON.stringify(
		arrival.kind === 'registration'
			? [sender, reference, submittedAt]
			: [arrival.kind, mmStatus, date ?? null, transactionId],
	);
}

export const anyMixedHistory: fc.Arbitrary<MixedHistory> = fc
	.uniqueArray(fc.oneof(anyRegistration, anyReportArrival), { minLength: 1, maxLength: 7, selector: identityOf })
	.chain((arrivals) => fc.tuple(fc.constant(arrivals), fc.array(fc.constantFrom(...arrivals), { maxLength: 5 })))
	.chain(([arrivals, copies]) => {
		const all = [...arrivals, ...copies];
		return fc.tuple(
			fc
				.shuffledSubarray(all, { minLength: all.length })
				.chain((order) => fc.tuple(...order.map((one) => fc.tuple(fc.constant(one), fc.boolean())))),
			fc.boolean(),
		);
	});

function reportOf(arrival: Exclude<Arrival, { kind: 'registration' }>, sample: DeliveryReport, messageId: string) {
	const { kind, said, from, receivedAt } = arrival;
	const { sender: _, final: __, ...rest } = { ...sample, ...said, messageId, receivedAt };
	const fields = {
		...rest,
		dateText: said.date?.toISOString(),
		...(from && { sender: { kind: 'Number' as const, address: from, number: from } }),
	};
	return (kind === 'read' ? { ...fields, state: 'read' } : { ...fields, final: said.final }) as DeliveryReport;
}

const ROW_SQL = `SELECT state, mm_status, CAST(final AS integer) AS final, sender, reference, submitted_at, started_at,
	received_at FROM messages`;

/** The row by the documented rules, independently of order. */
export function expectedRow(arrivals: readonly Arrival[]): Record<string, unknown> {
	const registrations = arrivals.filter((arrival) => arrival.kind === 'registration');
	const replies = arrivals.filter((arrival) => arrival.kind !== 'registration');
	const latest = (dates: (Date | undefined)[]) => greatestText(dates.map((date) => date?.toISOString()));
	const registeredAt = latest(registrations.map(({ submittedAt }) => submittedAt));
	const submittedAt = registeredAt ?? latest(replies.map(({ submittedAt }) => submittedAt));
	const starts = [
		...registrations.map(({ submittedAt, registeredAt }) => submittedAt ?? registeredAt),
		...replies.map(({ receivedAt }) => receivedAt),
	].map((date) => date.toISOString());

	const deliveries = replies.filter(({ kind }) => kind === 'delivery');
	const candidates = deliveries.length > 0 ? deliveries : replies;
	const said = candidates.length > 0 ? greatestOf(candidates.map(({ said }) => said)) : undefined;
	const deciding = candidates.find((one) => one.said === said);
	const [registration] = registrations.toSorted((one, other) => -Buffer.compare(orderOf(one), orderOf(other)));
	const first = registration?.submittedAt ?? registration?.registeredAt;
	return {
		state: !deciding ? 'submitted' : deciding.kind === 'read' ? 'delivered' : deciding.said.state,
		mm_status: deciding?.said.mmStatus ?? '',
		final: Number(!deciding ? false : deciding.kind === 'read' || deciding.said.final),
		sender: greatestText(registrations.map(({ sender }) => sender)) ?? deciding?.from ?? null,
		reference: greatestText(registrations.map(({ reference }) => reference)) ?? null,
		submitted_at: submittedAt ?? null,
		started_at: submittedAt ?? starts.toSorted()[0],
		received_at: (deciding?.receivedAt ?? first)?.toISOString(),
	};
}

function orderOf({ submittedAt, reference, sender }: Omit<Registration, 'messageId' | 'recipients'>): Buffer {
	return Buffer.from([submittedAt?.toISOString(), reference, sender].map((text) => `${text ?? ''}\u0001`).join(''));
}

function greatestText(texts: readonly (string | undefined)[]): string | undefined {
	const known = texts.filter((text) => text !== undefined);
	return known.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))).at(-1);
}

/** Converts the times of a row to text, which SQLite stores. */
export function times(row: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
	);
}

/** Converts times, booleans and JSON, which SQLite stores as text and numbers. */
function plain(row: Record<string, unknown> | undefined): Record<string, unknown> {
	const { final, recipient, sender, ua_capabilities, extensions, date, received_at, ...texts } = row ?? {};
	const json = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value);
	return {
		...texts,
		final: Boolean(final),
		recipient: json(recipient),
		sender: json(sender),
		ua_capabilities: json(ua_capabilities),
		extensions: json(extensions),
		date: new Date(date as string | Date),
		received_at: new Date(received_at as string | Date),
	};
}
