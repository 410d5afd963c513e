import { expect } from 'chai';
import pg from 'pg';
import { makeCluster } from '../../inbox/test/support/postgres-cluster.js';
import { type DeliveryReport, parseDeliveryReport, supersedes } from '../../lib/index.js';
import { type DeliveryReportFields, deliveryReportRequest } from '../../lib/provider/testing/index.js';
import { codeIn, readMarkdown } from '../support/markdown.js';
import { sendByHttp } from '../support/provider.js';
import { RedisServer } from '../support/redis.js';
import { RunningSample, samples, writeSamples } from '../support/samples.js';

describe('the sample with a shared store', () => {
	const all = samples();
	const [sample, ...others] = all.filter(({ code }) => code.includes('KeyvRedis'));
	let redis: RedisServer;
	const running: RunningSample[] = [];

	before(async () => {
		await writeSamples(all);
		redis = await RedisServer.start();
	});
	after(async () => {
		await Promise.all(running.map((process) => process.stop()));
		await redis.stop();
	});

	it('handles a report once in two processes', async () => {
		expect(others).to.deep.equal([]);
		if (!sample) throw new Error('there is no such sample');
		const request = deliveryReportRequest({ transactionId: '20260099' });
		for (const saved of [1, 0]) {
			const process = new RunningSample(sample, { REDIS_URL: redis.url });
			running.push(process);
			const { server } = await process.ready();
			const { verdict } = await sendByHttp(`http://127.0.0.1:${server?.port}/mm7`, request, '20260099');
			expect(verdict).to.equal('accepted');
			expect(await process.saved()).to.equal(saved);
		}
	});
});

/** What Sinch sends as the date of every report: when the message was submitted. */
const SUBMITTED = '2026-03-16T14:03:51.749Z';
/** Reports about one message, which are sent in every order. */
const HISTORIES: Readonly<Record<string, readonly Partial<DeliveryReportFields>[]>> = {
	'with one date': [
		{ mmStatus: 'Forwarded', date: SUBMITTED },
		{ mmStatus: 'Indeterminate', date: SUBMITTED },
		{ mmStatus: 'Retrieved', date: SUBMITTED },
	],
	'of one certainty and date': [
		{ mmStatus: 'Rejected', date: SUBMITTED },
		{ mmStatus: 'Retrieved', date: SUBMITTED },
	],
	'without a date': [
		{ mmStatus: 'Forwarded', date: null },
		{ mmStatus: 'Deferred', date: null },
		{ mmStatus: 'Expired', date: null },
	],
	'with dates of the events': [
		{ mmStatus: 'Rejected', date: '2026-03-16T15:00:00Z' },
		{ mmStatus: 'Retrieved', date: '2026-03-16T16:00:00Z' },
		{ mmStatus: 'Forwarded', date: '2026-03-16T17:00:00Z' },
	],
};

describe('the sample with a database', () => {
	const all = samples();
	const [sample, ...others] = all.filter(({ code }) => code.includes('DATABASE_URL'));
	let cluster: Awaited<ReturnType<typeof makeCluster>>;
	let database: pg.Client;
	let running: RunningSample;
	let url: string;

	before(async () => {
		expect(others).to.deep.equal([]);
		if (!sample) throw new Error('there is no such sample');
		await writeSamples(all);
		cluster = await makeCluster();
		await cluster.start();
		const connectionString = await cluster.createDatabase('readme');
		database = new pg.Client({ connectionString });
		await database.connect();
		for (const { value } of codeIn(readMarkdown('README.md'), 'sql')) await database.query(value);
		running = new RunningSample(sample, { DATABASE_URL: connectionString });
		const { server } = await running.ready();
		url = `http://127.0.0.1:${server?.port}/mm7`;
	});
	after(async () => {
		await running?.stop();
		await database?.end();
		await cluster?.remove();
	});

	/** Sends reports one after the other, each in a millisecond of its own, and returns the state that is kept. */
	async function stateAfter(messageId: string, reports: readonly Partial<DeliveryReportFields>[]): Promise<string> {
		for (const [index, report] of reports.entries()) {
			const transactionId = `${messageId}-${index}`;
			const request = deliveryReportRequest({ ...report, messageId, transactionId });
			expect(await sendByHttp(url, request, transactionId)).to.include({ verdict: 'accepted' });
			await nextMillisecond();
		}
		const { rows } = await database.query('SELECT state FROM messages WHERE message_id = $1', [messageId]);
		expect(rows).to.have.length(1);
		return rows[0].state;
	}

	for (const [name, history] of Object.entries(HISTORIES)) {
		for (const order of permutations(history)) {
			const title = `${order.map(({ mmStatus }) => mmStatus).join(', ')} ${name}`;
			it(`keeps the state that supersedes() says: ${title}`, async () => {
				const expected = winner(await Promise.all(order.map(parsed)));
				expect(await stateAfter(title, order)).to.equal(expected.state);
				// nor do copies change anything, whatever they are copies of
				expect(await stateAfter(`${title}, twice`, [...order, ...order])).to.equal(expected.state);
			});
		}
	}

	it('lets the provider retry while the database is down', async () => {
		await database.end();
		await cluster.stop();
		const request = deliveryReportRequest({ transactionId: '20260099' });
		expect(await sendByHttp(url, request, '20260099')).to.include({ verdict: 'again' });
	});
});

/** A report, as it is read when it arrives as the nth. */
async function parsed(fields: Partial<DeliveryReportFields>, index: number): Promise<DeliveryReport> {
	const { body, headers } = deliveryReportRequest(fields);
	return { ...(await parseDeliveryReport(body, headers)), receivedAt: new Date(Date.now() + index) };
}

function winner(reports: readonly DeliveryReport[]): DeliveryReport {
	return reports.reduce((best, report) => (supersedes(report, best) ? report : best));
}

function permutations<T>(list: readonly T[]): T[][] {
	if (list.length < 2) return [[...list]];
	return list.flatMap((first, index) =>
		permutations(list.filter((_, other) => other !== index)).map((rest) => [first, ...rest]),
	);
}

/** Waits until the clock, by which reports arrive, has moved on. */
async function nextMillisecond(): Promise<void> {
	const now = Date.now();
	while (Date.now() === now) await new Promise(setImmediate);
}
