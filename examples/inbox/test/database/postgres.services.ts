import { expect } from 'chai';
import { pino } from 'pino';
import type { Database } from '../../database/database.js';
import { openDatabase } from '../../database/open-database.js';
import type { Overview } from '../../page/overview.js';
import { EventStream } from '../page/event-stream.js';
import { reportXml, sendReport } from '../report-request.js';
import { describeReportRepository } from '../reports/report-repository.suite.js';
import { serveInbox } from '../serve.js';
import { type Cluster, makeCluster } from './postgres-cluster.js';

describe('on PostgreSQL', () => {
	let cluster: Cluster;
	before(async () => {
		cluster = await makeCluster();
		await cluster.start();
	});
	after(() => cluster?.remove());

	const open = (databaseUrl: string) => openDatabase({ databaseUrl, dataDir: '' });

	describe('ReportRepository', () => describeReportRepository(async () => open(await cluster.createDatabase('suite'))));

	it('several processes can make the tables of an empty database at once', async () => {
		const url = await cluster.createDatabase('race');
		const databases = await Promise.all(Array.from({ length: 5 }, () => open(url)));
		const [row] = await (databases[0] as Database).query(
			`SELECT count(*)::integer AS tables FROM information_schema.tables WHERE table_schema = 'public'`,
		);
		await Promise.all(databases.map((database) => database.close()));
		expect(row).to.deep.equal({ tables: 4 });
	});

	it('a database that cannot hold every text is refused', async () => {
		const url = await cluster.createDatabase('ascii', `ENCODING 'SQL_ASCII' TEMPLATE template0`);
		const error = await open(url).catch((reason: unknown) => reason);
		expect(error)
			.to.be.an('error')
			.with.property('message')
			.that.matches(/SQL_ASCII; create one with ENCODING 'UTF8'/);
	});

	it('processes see the reports of each other, also after their connections were cut', async () => {
		const url = await cluster.createDatabase('live');
		const databases = [await open(url), await open(url)] as [Database, Database];
		const [one, other] = [await serveInbox(databases[0]), await serveInbox(databases[1])];
		const page = new EventStream(other.url);
		const delivered = (count: number) =>
			page.next(({ event, data }) => event === 'overview' && (data as Overview).counts.delivered === count);
		try {
			await delivered(0);
			await sendReport(one.url, reportXml({ messageId: 'm1' }));
			await delivered(1);
			await databases[0].query(
				'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
			);
			// nobody listens just now: what comes is seen once they do again
			await sendReport(one.url, reportXml({ messageId: 'm2' }));
			await delivered(2);
		} finally {
			page.close();
			for (const inbox of [one, other]) await inbox.close();
			for (const database of databases) await database.close();
		}
	});

	it('reports are refused while the server is away, and taken again when it is back', async () => {
		const database = await open(await cluster.createDatabase('outage'));
		const inbox = await serveInbox(database, {}, pino({ level: 'silent' }));
		const xml = reportXml();
		try {
			expect((await fetch(`${inbox.url}/healthz`)).status).to.equal(200);
			await cluster.stop();
			expect(await sendReport(inbox.url, xml)).to.deep.equal({ httpStatus: 500, statusCode: 4006 });
			expect((await fetch(`${inbox.url}/healthz`)).status).to.equal(503);
			await cluster.start();
			expect(await sendReport(inbox.url, xml)).to.deep.equal({ httpStatus: 200, statusCode: 1000 });
			expect((await fetch(`${inbox.url}/healthz`)).status).to.equal(200);
		} finally {
			await inbox.close();
			await database.close();
		}
	});
});
