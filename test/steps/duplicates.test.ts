import { expect } from 'chai';
import request from 'supertest';
import {
	type DeliveryReport,
	type DuplicateStore,
	duplicateKey,
	type Handler,
	Mm7Rejection,
	type Options,
	type ReadReply,
} from '../../lib/index.js';
import { memoryStore } from '../../lib/steps/duplicates.js';
import { held } from '../support/held.js';
import { type ReportElements, reportXml } from '../support/report.js';
import { readResponse } from '../support/response.js';
import { app, Exchanges, stopServers } from '../support/server.js';

/** A receiver that counts its handler calls. */
function receiver(
	handler: Handler = () => undefined,
	deduplicate: Options['deduplicate'] = true,
	options: Options = {},
) {
	const exchanges = new Exchanges();
	const reports: DeliveryReport[] = [];
	const counting: Handler = (report, req, context) => {
		reports.push(report);
		return handler(report, req, context);
	};
	const application = app(counting, { deduplicate, onExchange: exchanges.add, ...options });
	const send = (report: ReportElements = {}) => request(application).post('/mm7').type('xml').send(reportXml(report));
	return { exchanges, reports, send };
}

/** A store that records its calls. */
function recordingStore() {
	const values = new Map<string, unknown>();
	const sets: { key: string; value: unknown; ttl: number }[] = [];
	const store: DuplicateStore = {
		get: async (key) => values.get(key),
		set: async (key, value, ttl) => {
			sets.push({ key, value, ttl });
			values.set(key, JSON.parse(JSON.stringify(value)));
		},
	};
	return { store, values, sets };
}

describe('deduplicate', () => {
	afterEach(stopServers);

	it('is off by default', async () => {
		const { send, reports } = receiver(undefined, false);
		await send().expect(200);
		await send().expect(200);
		expect(reports).to.have.length(2);
	});

	for (const [name, handled, second, value] of [
		['sends a copy the response of the first', 1, {}, true],
		['sends a copy the response of the first, with {}', 1, {}, {}],
		['sends a copy the response of the first, with a ttl', 1, {}, { ttl: 1000 }],
		['ignores other fields, such as StatusText', 1, { elements: { StatusText: 'Success, again' } }, true],
		['handles a report with another TransactionID', 2, { transactionId: '20260002' }, true],
		['handles a report with another MessageID', 2, { elements: { MessageID: '480000000000000002' } }, true],
		['handles a report with another Recipient', 2, { elements: { Recipient: '<Number>12015550124</Number>' } }, true],
		['handles a report with another MMStatus', 2, { elements: { MMStatus: 'Deferred' } }, true],
		['handles a report with another Date', 2, { elements: { Date: '2026-03-16T14:03:52Z' } }, true],
	] as const) {
		it(name, async () => {
			const { send, reports, exchanges } = receiver(() => ({ statusCode: 1000, statusText: 'Stored' }), value);
			await send().expect(200);
			const { text } = await send(second).expect(200);
			expect(readResponse(text)).to.include({
				statusCode: 1000,
				statusText: 'Stored',
				transactionId: '20260001',
				...('transactionId' in second && second),
			});
			expect(reports).to.have.length(handled);
			await exchanges.number(2);
			expect(exchanges.all.map(({ duplicate }) => duplicate)).to.deep.equal([false, handled === 1]);
		});
	}

	it('forgets a report after its ttl', async () => {
		const { send, reports } = receiver(undefined, { ttl: 20 });
		while (reports.length < 2) await send().expect(200);
	});

	it('remembers 100,000 reports in memory, and forgets the oldest first', () => {
		const store = memoryStore();
		for (let key = 0; key <= 100_000; key++) store.set(String(key), { statusCode: 1000 }, 60_000);
		expect(store.get('0')).to.equal(undefined);
		expect(store.get('1')).to.deep.equal({ statusCode: 1000 });
		expect(store.get('100000')).to.deep.equal({ statusCode: 1000 });
	});

	it('calls the handler once for simultaneous copies', async () => {
		const { promise, release } = held();
		const { send, reports, exchanges } = receiver(() => promise, { store: recordingStore().store });
		const responses = Promise.all([send(), send(), send()]);
		while (reports.length === 0) await new Promise(setImmediate);
		release();
		expect((await responses).map(({ status }) => status)).to.deep.equal([200, 200, 200]);
		expect(reports).to.have.length(1);
		await exchanges.number(3);
		expect(exchanges.all.filter(({ duplicate }) => duplicate)).to.have.length(2);
	});

	for (const [name, outcome, status] of [
		['a failure', new Error('db'), 500],
		['a rejection', new Mm7Rejection(2005), 200],
	] as const) {
		it(`handles the next copy after ${name}, and stores nothing`, async () => {
			for (const stores of [true, false]) {
				const { store, sets } = recordingStore();
				const { send, reports, exchanges } = receiver(() => Promise.reject(outcome), stores ? { store } : true);
				await send().expect(status);
				await send().expect(status);
				expect(reports).to.have.length(2);
				await exchanges.number(2);
				expect(exchanges.all.map(({ duplicate }) => duplicate)).to.deep.equal([false, false]);
				expect(sets).to.deep.equal([]);
			}
		});
	}

	it('responds to the retry with the late outcome of the first copy', async () => {
		const { promise, release } = held();
		const { send, reports, exchanges } = receiver(() => promise, true, { handlerTimeout: 20 });
		await send().expect(500);
		release();
		expect(await exchanges.number(2)).to.include({ late: true, statusCode: 1000 });
		await send().expect(200);
		expect(reports).to.have.length(1);
	});

	it('makes a retry wait for the handler of the first copy', async () => {
		const { promise, release } = held();
		const { send, reports } = receiver(() => promise, true, { handlerTimeout: 200 });
		await send().expect(500);
		const retry = send().expect(200).then();
		release();
		await retry;
		expect(reports).to.have.length(1);
	});

	it('marks the late outcome of a duplicate', async () => {
		const { promise, release } = held();
		const { send, exchanges } = receiver(() => promise, true, { handlerTimeout: 50 });
		await Promise.all([send().expect(500), send().expect(500)]);
		await exchanges.number(2);
		release();
		await exchanges.number(4);
		expect(exchanges.all.filter(({ late }) => late).map(({ duplicate }) => duplicate)).to.have.members([false, true]);
	});

	it('handles a retry again if the first handler never finishes', async () => {
		const { send, reports } = receiver(
			() => (reports.length === 1 ? new Promise<void>(() => undefined) : undefined),
			true,
			{ handlerTimeout: 20 },
		);
		await send().expect(500);
		let status = 500;
		while (status === 500) ({ status } = await send());
		expect(status).to.equal(200);
		expect(reports).to.have.length(2);
		await send().expect(200);
		expect(reports).to.have.length(2);
	});

	it('keeps waiting for the second handler if the abandoned first one finishes', async () => {
		const releases: ((status: { statusCode: number }) => void)[] = [];
		const { send, reports } = receiver(() => new Promise((resolve) => releases.push(resolve)), true, {
			handlerTimeout: 50,
		});
		while (reports.length < 2) await send().expect(500);
		releases[0]?.({ statusCode: 2005 });
		await send().expect(500);
		expect(reports).to.have.length(2);
	});

	describe('with a store', () => {
		it('stores a key without personal data, the status, and the time to live', async () => {
			const { store, sets } = recordingStore();
			const { send, reports } = receiver(undefined, { store, ttl: 60_000 });
			await send().expect(200);
			expect(sets).to.have.length(1);
			expect(sets[0]?.key).to.match(/^[\w-]{43}$/);
			expect(sets[0]?.key).to.equal(duplicateKey(reports[0] as DeliveryReport));
			expect(sets[0]).to.deep.include({ ttl: 60_000, value: { statusCode: 1000 } });
			const { final, ...reply } = reports[0] as DeliveryReport;
			expect(duplicateKey(reply as ReadReply)).not.to.equal(sets[0]?.key);
		});

		it('ignores values that it did not store', async () => {
			const { store, values } = recordingStore();
			const { send, reports } = receiver(undefined, { store });
			await send().expect(200);
			const [key] = values.keys();
			for (const value of [null, 'yes', 7, {}, { statusCode: 2005 }, { statusCode: '1000' }]) {
				values.set(key as string, value);
				reports.length = 0;
				await send().expect(200);
				expect(reports, JSON.stringify(value)).to.have.length(1);
			}
		});

		const never = () => new Promise<never>(() => undefined);
		const broken = () => {
			throw new Error('redis is down');
		};
		const STORES: Record<string, DuplicateStore> = {
			'rejects in get': { get: async () => broken(), set: () => undefined },
			'hangs in get': { get: never, set: () => undefined },
			'throws in set': { get: () => undefined, set: broken },
			'hangs in set': { get: () => undefined, set: never },
		};
		for (const [name, store] of Object.entries(STORES)) {
			it(`handles the report if the store ${name}, and reports the error`, async () => {
				const { send, reports, exchanges } = receiver(undefined, { store, storeTimeout: 20 });
				await send().expect(200);
				expect(reports).to.have.length(1);
				const exchange = await exchanges.number(1);
				expect(exchange.storeError?.code).to.equal('ERR_MM7_STORE_FAILED');
				expect(exchange).to.include({ statusCode: 1000, error: undefined });
			});
		}

		it('reports a store that fails after a late outcome', async () => {
			const { promise, release } = held();
			const { send, exchanges } = receiver(
				() => promise,
				{ store: { get: () => undefined, set: never }, storeTimeout: 20 },
				{ handlerTimeout: 50 },
			);
			await send().expect(500);
			release();
			const late = await exchanges.number(2);
			expect(late).to.include({ late: true, statusCode: 1000 });
			expect(late.storeError?.code).to.equal('ERR_MM7_STORE_FAILED');
		});

		it('leaves half of handlerTimeout to the handler if the store hangs', async () => {
			const { send, reports } = receiver(undefined, { store: { get: never, set: never } }, { handlerTimeout: 200 });
			await send().expect(200);
			expect(reports).to.have.length(1);
		});

		it('responds before the report is stored, and recognizes a copy that arrives in the meantime', async () => {
			const { promise, release } = held();
			const store: DuplicateStore = { get: () => undefined, set: () => promise };
			const { send, reports, exchanges } = receiver(undefined, { store, storeTimeout: 60_000 });
			await send().expect(200);
			expect(exchanges.all).to.have.length(0);
			await send().expect(200);
			expect(reports).to.have.length(1);
			release();
			await exchanges.number(2);
			expect(exchanges.all.map(({ duplicate }) => duplicate)).to.have.members([false, true]);
			expect(exchanges.all.map(({ storeError }) => storeError)).to.deep.equal([undefined, undefined]);
		});
	});
});
