import { expect } from 'chai';
import { Client } from 'pg';
import { type Cluster, makeCluster } from '../../../../test/support/postgres-cluster.js';
import { makeLogger } from '../../../lib/log.js';
import type { Database } from '../../../lib/store/database.js';
import { openDatabase } from '../../../lib/store/open-database.js';
import { type PgBouncer, startPgBouncer } from '../../support/pgbouncer.js';
import { reportXml, sendReport } from '../../support/report-request.js';
import { type ServedInbox, serveInbox } from '../../support/serve.js';

describe('on PostgreSQL behind PgBouncer in transaction mode', () => {
	let cluster: Cluster;
	let pooler: PgBouncer;
	let url: URL;
	let database: Database;
	let inbox: ServedInbox;
	before(async () => {
		cluster = await makeCluster();
		await cluster.start();
		pooler = await startPgBouncer(cluster.port);
		url = new URL(await cluster.createDatabase('pooled'));
		url.port = String(pooler.port);
		database = await openDatabase({ databaseUrl: url.href, dataDir: '' });
		inbox = await serveInbox(database, {}, makeLogger('silent'));
	});
	after(async () => {
		await inbox?.close();
		await database?.close();
		await pooler?.stop();
		await cluster?.remove();
	});

	it('stores reports and shows them on the pages', async () => {
		const sent = Array.from({ length: 50 }, (_, index) => sendReport(inbox.url, reportXml({ messageId: `m${index}` })));
		for (const response of await Promise.all(sent)) {
			expect(response).to.deep.equal({ httpStatus: 200, statusCode: 1000 });
		}
		const paths = ['/', '/?text=m7', '/statistics', '/refused', '/messages.csv'];
		const pages = await Promise.all(paths.map((page) => fetch(inbox.url + page, { headers: inbox.bearer })));
		expect(pages.map(({ status }) => status)).to.deep.equal(paths.map(() => 200));
		expect(await pages[1]?.text()).to.include('m7');
		expect((await fetch(`${inbox.url}/healthz`)).status).to.equal(200);
	});

	it('still cancels slow statements and does not change the settings of other clients of the pooler', async () => {
		const start = performance.now();
		const sleep = await database.query('SELECT pg_sleep(30)').catch((error: unknown) => error);
		expect(sleep).to.include({ name: 'DatabaseError', failure: 'slow', code: '57014' });
		expect(performance.now() - start).to.be.below(7_000);
		const client = new Client(url.href);
		await client.connect();
		const settings = `SELECT current_setting('statement_timeout') AS timeout, current_setting('random_page_cost') AS cost`;
		for (let n = 0; n < 4; n++) {
			expect((await client.query(settings)).rows).to.deep.equal([{ timeout: '0', cost: '4' }]);
		}
		await client.end();
	});
});
