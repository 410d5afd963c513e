import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import pg from 'pg';
import { makeApp } from '../../examples/database/app.js';
import { deliveryReportRequest } from '../../lib/provider/testing/index.js';
import type { RankedReport } from '../../lib/supersedes.js';
import { makeCluster } from '../support/postgres-cluster.js';
import { sendByHttp } from '../support/provider.js';
import { listen, stopServers } from '../support/server.js';
import { anyArrivals, greatestOf } from '../support/state-model.js';

const TABLE = readFileSync(path.join(__dirname, '../../examples/database/table.sql'), 'utf8');
/** Random histories of messages. */
const HISTORIES = 1000;
/** Histories that are sent at a time. */
const HISTORIES_AT_ONCE = 10;

describe('examples/database', () => {
	let cluster: Awaited<ReturnType<typeof makeCluster>>;
	let database: pg.Pool;
	let url: string;

	before(async () => {
		cluster = await makeCluster({ settings: { fsync: 'off' } });
		await cluster.start();
		database = new pg.Pool({ connectionString: await cluster.createDatabase('example') });
		database.on('error', () => {}); // the last test stops the server
		await database.query(TABLE);
		const { port } = await listen(makeApp(database));
		url = `http://127.0.0.1:${port}`;
	});
	after(async () => {
		await stopServers();
		await database?.end();
		await cluster?.remove();
	});

	async function send(messageId: string, { mmStatus, date, transactionId }: RankedReport): Promise<void> {
		const request = deliveryReportRequest({ messageId, mmStatus, date: date ?? null, transactionId });
		expect(await sendByHttp(`${url}/mm7`, request, transactionId)).to.include({ verdict: 'accepted' });
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

	it('returns the state of a message to each of its recipients', async () => {
		for (const [recipient, mmStatus] of [
			['12015550101', 'Retrieved'],
			['12015550102', 'Expired'],
		] as const) {
			const request = deliveryReportRequest({ messageId: 'two', recipient, mmStatus, transactionId: recipient });
			expect(await sendByHttp(`${url}/mm7`, request, recipient)).to.include({ verdict: 'accepted' });
		}
		const messages = (await (await fetch(`${url}/messages/two`)).json()) as { recipient: string; state: string }[];
		expect(messages.map(({ recipient, state }) => [recipient, state])).to.deep.equal([
			['12015550101', 'delivered'],
			['12015550102', 'failed'],
		]);
	});

	it('lets the provider retry while the database is down', async () => {
		await cluster.stop();
		const request = deliveryReportRequest({ transactionId: '20260099' });
		expect(await sendByHttp(`${url}/mm7`, request, '20260099')).to.include({ verdict: 'retry' });
	});
});
