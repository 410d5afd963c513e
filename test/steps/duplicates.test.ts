import { expect } from 'chai';
import request from 'supertest';
import { type DeliveryReport, type DuplicateStore, duplicateKey, type Handler, type Options } from '../../lib/index.js';
import { memoryStore } from '../../lib/steps/duplicates.js';
import { readAnswer } from '../support/answer.js';
import { type ReportElements, reportXml } from '../support/report.js';
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

/** A store of its own, with what it was asked. */
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

/** A receiver whose store knows nothing of a report, and is told of it no sooner than `told` says. */
function receiverWithSlowStore() {
	let told: () => void = () => undefined;
	const telling = new Promise<void>((resolve) => {
		told = resolve;
	});
	const store: DuplicateStore = { get: () => undefined, set: () => telling };
	return { ...receiver(undefined, { store, storeTimeout: 60_000 }), told };
}

describe('deduplicate', () => {
	afterEach(stopServers);

	it('is off unless asked for', async () => {
		const { send, reports } = receiver(undefined, false);
		await send().expect(200);
		await send().expect(200);
		expect(reports).to.have.length(2);
	});

	for (const value of [true, {}, { ttl: 1000 }] as const) {
		it(`answers the second copy as the first, without the handler, for ${JSON.stringify(value)}`, async () => {
			const { send, reports, exchanges } = receiver(() => ({ statusCode: 1000, statusText: 'Stored' }), value);
			await send().expect(200);
			const second = await send().expect(200);
			expect(readAnswer(second.text)).to.include({
				statusCode: 1000,
				statusText: 'Stored',
				transactionId: '20260001',
			});
			expect(reports).to.have.length(1);
			await exchanges.number(2);
			expect(exchanges.all.map(({ duplicate }) => duplicate)).to.deep.equal([false, true]);
		});
	}

	for (const [name, other] of [
		['TransactionID', { transactionId: '20260002' }],
		['MessageID', { elements: { MessageID: '480000000000000002' } }],
		['recipient', { elements: { Recipient: '<Number>12015550124</Number>' } }],
		['MMStatus', { elements: { MMStatus: 'Deferred' } }],
		['Date', { elements: { Date: '2026-03-16T14:03:52Z' } }],
	] as const) {
		it(`handles a report that differs only in its ${name}`, async () => {
			const { send, reports } = receiver();
			await send().expect(200);
			await send(other).expect(200);
			expect(reports).to.have.length(2);
		});
	}

	it('forgets a report when its ttl is over', async () => {
		const { send, reports } = receiver(undefined, { ttl: 20 });
		while (reports.length < 2) await send().expect(200);
	});

	it('remembers as many reports in memory as it says, and forgets the oldest first', () => {
		const store = memoryStore();
		for (let key = 0; key <= 100_000; key++) store.set(String(key), { statusCode: 1000 }, 60_000);
		expect(store.get('0')).to.equal(undefined);
		expect(store.get('1')).to.deep.equal({ statusCode: 1000 });
		expect(store.get('100000')).to.deep.equal({ statusCode: 1000 });
	});

	it('takes a report for the same when only what says nothing of it differs', async () => {
		const { send, reports } = receiver();
		await send().expect(200);
		await send({ elements: { StatusText: 'Success, again' } }).expect(200);
		expect(reports).to.have.length(1);
	});

	it('calls the handler once for two copies at the same moment', async () => {
		let release: () => void = () => undefined;
		const held = new Promise<void>((resolve) => {
			release = resolve;
		});
		const { send, reports, exchanges } = receiver(() => held, { store: recordingStore().store });
		const answers = Promise.all([send(), send(), send()]);
		while (reports.length === 0) await new Promise(setImmediate);
		release();
		expect((await answers).map(({ status }) => status)).to.deep.equal([200, 200, 200]);
		expect(reports).to.have.length(1);
		await exchanges.number(3);
		expect(exchanges.all.filter(({ duplicate }) => duplicate)).to.have.length(2);
	});

	it('does not remember a failure', async () => {
		let calls = 0;
		const { send } = receiver(() => {
			if (++calls === 1) throw new Error('db');
		});
		await send().expect(500);
		await send().expect(200);
		expect(calls).to.equal(2);
	});

	it('does not remember a refusal', async () => {
		const { send, reports } = receiver(() => ({ statusCode: 2005 }));
		await send().expect(200);
		await send().expect(200);
		expect(reports).to.have.length(2);
	});

	it('tells the store nothing of a refusal', async () => {
		const { store, sets } = recordingStore();
		const { send } = receiver(() => ({ statusCode: 2005 }), { store });
		await send().expect(200);
		expect(sets).to.deep.equal([]);
	});

	it('answers the retry with the result that came late for the first', async () => {
		let release: () => void = () => undefined;
		const held = new Promise<void>((resolve) => {
			release = resolve;
		});
		const { send, reports, exchanges } = receiver(() => held, true, { handlerTimeout: 20 });
		await send().expect(500);
		release();
		expect(await exchanges.number(2)).to.include({ late: true, statusCode: 1000 });
		await send().expect(200);
		expect(reports).to.have.length(1);
	});

	it('lets a retry wait for the first, whose handler is still running', async () => {
		let release: () => void = () => undefined;
		const held = new Promise<void>((resolve) => {
			release = resolve;
		});
		const { send, reports } = receiver(() => held, true, { handlerTimeout: 200 });
		await send().expect(500);
		const retry = send().expect(200);
		const answered = retry.then(() => undefined);
		release();
		await answered;
		expect(reports).to.have.length(1);
	});

	it('tells the hook which late result is that of a copy', async () => {
		let release: () => void = () => undefined;
		const held = new Promise<void>((resolve) => {
			release = resolve;
		});
		const { send, exchanges } = receiver(() => held, true, { handlerTimeout: 50 });
		await Promise.all([send().expect(500), send().expect(500)]);
		await exchanges.number(2);
		release();
		await exchanges.number(4);
		expect(exchanges.all.filter(({ late }) => late).map(({ duplicate }) => duplicate)).to.have.members([false, true]);
	});

	it('gives up waiting for a handler that never ends, and handles the retry anew', async () => {
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

	it('keeps waiting for the second handler when the first, given up before, ends', async () => {
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
		it('gives it a key without personal data, the status, and the time to live', async () => {
			const { store, sets } = recordingStore();
			const { send, reports } = receiver(undefined, { store, ttl: 60_000 });
			await send().expect(200);
			expect(sets).to.have.length(1);
			expect(sets[0]?.key).to.match(/^[\w-]{43}$/);
			expect(sets[0]?.key).to.equal(duplicateKey(reports[0] as DeliveryReport));
			expect(sets[0]).to.deep.include({ ttl: 60_000, value: { statusCode: 1000 } });
		});

		it('believes no value that is not of its own making', async () => {
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
			'fails when it is asked': { get: broken, set: () => undefined },
			'rejects when it is asked': { get: async () => broken(), set: () => undefined },
			'hangs when it is asked': { get: never, set: () => undefined },
			'fails when it is told': { get: () => undefined, set: broken },
			'rejects when it is told': { get: () => undefined, set: async () => broken() },
			'hangs when it is told': { get: () => undefined, set: never },
		};
		for (const [name, store] of Object.entries(STORES)) {
			it(`handles the report though the store ${name}, and tells the hook`, async () => {
				const { send, reports, exchanges } = receiver(undefined, { store, storeTimeout: 20 });
				await send().expect(200);
				expect(reports).to.have.length(1);
				const exchange = await exchanges.number(1);
				expect(exchange.storeError?.code).to.equal('ERR_MM7_STORE_FAILED');
				expect(exchange).to.include({ statusCode: 1000, error: undefined });
			});
		}

		it('tells the hook of a store that fails behind a late result', async () => {
			let release: () => void = () => undefined;
			const held = new Promise<void>((resolve) => {
				release = resolve;
			});
			const { send, exchanges } = receiver(
				() => held,
				{ store: { get: () => undefined, set: never }, storeTimeout: 20 },
				{ handlerTimeout: 50 },
			);
			await send().expect(500);
			release();
			const late = await exchanges.number(2);
			expect(late).to.include({ late: true, statusCode: 1000 });
			expect(late.storeError?.code).to.equal('ERR_MM7_STORE_FAILED');
		});

		it('leaves the handler half of its time when the store hangs', async () => {
			const { send, reports } = receiver(undefined, { store: { get: never, set: never } }, { handlerTimeout: 200 });
			await send().expect(200);
			expect(reports).to.have.length(1);
		});

		it('does not keep the provider waiting until the store was told', async () => {
			const { send, exchanges, told } = receiverWithSlowStore();
			await send().expect(200);
			expect(exchanges.all).to.have.length(0);
			told();
			expect(await exchanges.number(1)).to.include({ duplicate: false, storeError: undefined });
		});

		it('knows a copy that comes before the store was told', async () => {
			const { send, reports, exchanges, told } = receiverWithSlowStore();
			await send().expect(200);
			await send().expect(200);
			expect(reports).to.have.length(1);
			told();
			await exchanges.number(2);
			expect(exchanges.all.map(({ duplicate }) => duplicate)).to.have.members([false, true]);
		});
	});
});
