import { expect } from 'chai';
import fc from 'fast-check';
import pg from 'pg';
import { makeCluster } from '../../inbox/test/support/postgres-cluster.js';
import { deliveryReportRequest } from '../../lib/provider/testing/index.js';
import type { RankedReport } from '../../lib/supersedes.js';
import { codeIn, readMarkdown } from '../support/markdown.js';
import { sendByHttp } from '../support/provider.js';
import { RedisServer } from '../support/redis.js';
import { RunningSample, samples, writeSamples } from '../support/samples.js';
import { anyArrivals, greatestOf } from '../support/state-model.js';

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

/** Random histories of messages, sent through the sample. */
const HISTORIES = 1000;
/** Histories that are sent at a time. */
const HISTORIES_AT_ONCE = 10;

describe('the sample with a database', () => {
	const all = samples();
	const [sample, ...others] = all.filter(({ code }) => code.includes('DATABASE_URL'));
	let cluster: Awaited<ReturnType<typeof makeCluster>>;
	let database: pg.Pool;
	let running: RunningSample;
	let url: string;

	before(async () => {
		expect(others).to.deep.equal([]);
		if (!sample) throw new Error('there is no such sample');
		await writeSamples(all);
		cluster = await makeCluster({ settings: { fsync: 'off' } });
		await cluster.start();
		const connectionString = await cluster.createDatabase('readme');
		database = new pg.Pool({ connectionString });
		database.on('error', () => {}); // the last test stops the server
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

	async function send(messageId: string, { mmStatus, date, transactionId }: RankedReport): Promise<void> {
		const request = deliveryReportRequest({ messageId, mmStatus, date: date ?? null, transactionId });
		expect(await sendByHttp(url, request, transactionId)).to.include({ verdict: 'accepted' });
	}

	it('keeps the greatest report of a message, whatever the order of arrival and the copies', async () => {
		const histories = fc.sample(fc.tuple(anyArrivals, fc.boolean()), HISTORIES);
		const entries = histories.entries();
		async function sendHistories(): Promise<void> {
			for (const [index, [[reports, arrivals], together]] of entries) {
				const messageId = `random-${index}`;
				if (together) await Promise.all(arrivals.map((report) => send(messageId, report)));
				else for (const report of arrivals) await send(messageId, report);
				const { rows } = await database.query(
					`SELECT state, date, mm_status AS "mmStatus", transaction_id AS "transactionId"
					FROM messages WHERE message_id = $1`,
					[messageId],
				);
				const { final: _, date = null, ...expected } = greatestOf(reports);
				expect(rows, JSON.stringify(arrivals)).to.deep.equal([{ ...expected, date }]);
			}
		}
		await Promise.all(Array.from({ length: HISTORIES_AT_ONCE }, sendHistories));
	});

	it('lets the provider retry while the database is down', async () => {
		await cluster.stop();
		const request = deliveryReportRequest({ transactionId: '20260099' });
		expect(await sendByHttp(url, request, '20260099')).to.include({ verdict: 'again' });
	});
});
