import { expect } from 'chai';
import { makeLogger } from '../../lib/log.js';
import type { QueuedRequest } from '../../lib/queue/request-message.js';
import { type RequestStore, storeRequests } from '../../lib/queue/store-requests.js';
import { DatabaseError, type Failure } from '../../lib/store/database.js';
import { report } from '../support/report-request.js';
import { LogLines } from '../support/serve.js';

describe('storeRequests', () => {
	const stored = { result: 'current' } as const;
	let log: LogLines;

	beforeEach(() => {
		log = new LogLines();
	});

	it('stores the report with its provider and XML', async () => {
		const calls: unknown[][] = [];
		await storeWith(async (...args) => {
			calls.push(args);
			return stored;
		});
		expect(calls[0]?.[0]).to.include({ messageId: 'm1' });
		expect(calls[0]?.[1]).to.include({ provider: 'vibes', xml: '<xml/>' });
	});

	it('waits while the database is down, without counting an attempt', async () => {
		let attempts = 0;
		await storeWith(async () => {
			attempts += 1;
			if (attempts === 1) throw databaseError('unavailable');
			return stored;
		});
		expect(attempts).to.equal(2);
		expect(log.lines.map((line) => JSON.parse(line).msg)).to.deep.equal([
			'the database is down; reports are waiting for it',
			'report stored',
			'the database is up again',
		]);
	});

	it('stops waiting once RabbitMQ has requeued the request', async () => {
		const taken = new AbortController();
		const waiting = storeWith(async () => {
			setImmediate(() => taken.abort());
			throw databaseError('unavailable');
		}, taken.signal);
		expect(await failureOf(waiting)).to.have.property('name', 'AbortError');
	});

	it('fails for a report that the database rejects', async () => {
		const refusal = databaseError('refused');
		expect(await failureOf(storeWith(() => Promise.reject(refusal)))).to.equal(refusal);
	});

	async function storeWith(
		store: RequestStore['reports']['store'],
		signal = new AbortController().signal,
	): Promise<void> {
		const refusals = { add: () => Promise.reject(new Error('unexpected')) };
		const handle = storeRequests({ reports: { store }, refusals }, makeLogger('info', log));
		const request = {
			kind: 'delivery-report',
			provider: 'vibes',
			report: await report({ messageId: 'm1' }),
			soap: '<xml/>',
		};
		await handle(request as QueuedRequest, 'key', signal);
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
