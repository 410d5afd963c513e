import { expect } from 'chai';
import { DatabaseError, type Failure } from '../../../../inbox/lib/store/database.js';
import { storeReports } from '../../lib/store-reports.js';
import { keptLog } from '../support/kept-log.js';
import { reportOf } from '../support/reports.js';

const stored = { result: 'current' } as const;

describe('storeReports', () => {
	let log: { msg?: string }[];

	beforeEach(() => {
		log = [];
	});

	it('stores the report with its XML', async () => {
		const report = await reportOf(1);
		const calls: unknown[] = [];

		await storeWith(async (...args) => {
			calls.push(args);
			return stored;
		});

		const [[first, options]] = calls as [[unknown, { xml: string }]];
		expect(first).to.deep.include({ messageId: report.messageId });
		expect(options.xml).to.equal('<xml/>');
	});

	it('waits while the database is away, without a fault of the report', async () => {
		let attempts = 0;

		await storeWith(async () => {
			attempts += 1;
			if (attempts === 1) throw databaseError('unavailable');
			return stored;
		});

		expect(attempts).to.equal(2);
		expect(log.map(({ msg }) => msg)).to.deep.equal([
			'the database is away; reports wait for it',
			'the database is back',
			'report stored',
		]);
	});

	it('waits no longer when RabbitMQ has taken the report back', async () => {
		const taken = new AbortController();
		const waiting = storeWith(async () => {
			setImmediate(() => taken.abort());
			throw databaseError('unavailable');
		}, taken.signal);

		expect(await failureOf(waiting)).to.have.property('name', 'AbortError');
	});

	it('lets the report fail that the database refuses', async () => {
		const refusal = databaseError('refused');

		expect(await failureOf(storeWith(() => Promise.reject(refusal)))).to.equal(refusal);
	});

	async function storeWith(
		store: Parameters<typeof storeReports>[0]['store'],
		signal = new AbortController().signal,
	): Promise<void> {
		const handle = storeReports({ store }, keptLog(log));
		await handle({ key: 'key', report: await reportOf(1), xml: '<xml/>' }, signal);
	}
});

function databaseError(failure: Failure): DatabaseError {
	return new DatabaseError('of the test', failure, 'TEST');
}

function failureOf(promise: Promise<unknown>): Promise<unknown> {
	return promise.then(
		() => undefined,
		(error: unknown) => error,
	);
}
