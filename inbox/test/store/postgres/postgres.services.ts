import { expect } from 'chai';
import { type Cluster, makeCluster } from '../../../../test/support/postgres-cluster.js';
import { makeLogger } from '../../../lib/log.js';
import type { Database } from '../../../lib/store/database.js';
import { openDatabase } from '../../../lib/store/open-database.js';
import { MIGRATIONS } from '../../../lib/store/schema.js';
import { describeForwarding } from '../../forward/forwarding.suite.js';
import { startProxy } from '../../nemesis/tcp-proxy.js';
import { EventStream } from '../../page/event-stream.js';
import { describeSeveralProcesses } from '../../several-processes.suite.js';
import { reportXml, sendReport } from '../../support/report-request.js';
import { serveInbox } from '../../support/serve.js';
import { describeAnyReport } from '../any-report.suite.js';
import { describeErasure } from '../erasure.suite.js';
import { describeRefusals } from '../refusal-repository.suite.js';
import { describeReportRepository } from '../report-repository.suite.js';

describe('on PostgreSQL', () => {
	let cluster: Cluster;
	before(async () => {
		cluster = await makeCluster();
		await cluster.start();
	});
	after(() => cluster?.remove());

	const open = (databaseUrl: string) => openDatabase({ databaseUrl, dataDir: '' });
	const refusal = (url: string) => open(url).then(String, ({ message }: Error) => message);

	/** A database that sorts text in dictionary order, which must not make a difference. */
	const DICTIONARY = `LOCALE_PROVIDER icu ICU_LOCALE 'en-US' TEMPLATE template0`;

	describe('ReportRepository', () =>
		describeReportRepository(async () => {
			const url = await cluster.createDatabase('suite', DICTIONARY);
			return [await open(url), await open(url)];
		}));

	describe('RefusalRepository', () =>
		describeRefusals(async () => open(await cluster.createDatabase('refusals', DICTIONARY))));

	describe('any report', () =>
		describeAnyReport(async () => open(await cluster.createDatabase('extremes', DICTIONARY))));

	describe('forwarding', () => describeForwarding(async () => open(await cluster.createDatabase('forwarding'))));

	describe('erasing a number', () =>
		describeErasure(async () => open(await cluster.createDatabase('erasure', DICTIONARY))));

	describe('registrations and reports in several processes', () =>
		describeSeveralProcesses(async () => ({ DATABASE_URL: await cluster.createDatabase('processes', DICTIONARY) })));

	it('lets several processes create the tables of an empty database at once', async () => {
		const url = await cluster.createDatabase('race');
		const databases = await Promise.all(Array.from({ length: 5 }, () => open(url)));
		const [row] = await (databases[0] as Database).query(
			`SELECT count(*)::integer AS tables FROM information_schema.tables WHERE table_schema = 'public'`,
		);
		await Promise.all(databases.map((database) => database.close()));
		expect(row).to.deep.equal({ tables: [...MIGRATIONS.join().matchAll(/CREATE TABLE/g), 'schema_version'].length });
	});

	it('refuses tables of a newer inbox', async () => {
		const url = await cluster.createDatabase('newer');
		const database = await open(url);
		await database.write({ sql: 'UPDATE schema_version SET version = 99' });
		await database.close();
		expect(await refusal(url)).to.match(/tables have version 99/);
	});

	it('fails only the transaction whose connection breaks', async () => {
		const url = new URL(await cluster.createDatabase('cut'));
		const proxy = await startProxy(cluster.port);
		url.port = String(proxy.port);
		const database = await open(url.href);
		try {
			const sleep = { sql: 'SELECT pg_sleep(60)' };
			const written = database.write(sleep, sleep).catch((reason: unknown) => reason);
			const asleep = `SELECT count(*) FROM pg_stat_activity WHERE query = '${sleep.sql}' AND state = 'active'`;
			while ((await cluster.psql(asleep)) === '0');
			proxy.cut();
			expect(await written).to.include({ name: 'DatabaseError', failure: 'unavailable' });
			expect(await database.write({ sql: 'SELECT 1 AS one' })).to.deep.equal([[{ one: 1 }]]);
		} finally {
			await database.close();
			await proxy.close();
		}
	});

	it('serves pages for any text in a URL, even if PostgreSQL cannot store it', async () => {
		const database = await open(await cluster.createDatabase('texts'));
		const inbox = await serveInbox(database);
		const params = ['q', 'state', 'status', 'operator', 'span', 'from', 'to', 'before', 'since', 'key', 'id'];
		const pages = ['', 'news', 'messages.csv', 'message', 'report.xml', 'statistics', 'refused', 'refused.txt'];
		try {
			await sendReport(inbox.url, reportXml({ messageId: 'm1', mmStatus: 'Retrieved\u0000' }));
			for (const text of ['%00', 'a%00b', '%ED%A0%80', '%FF', '%']) {
				for (const target of pages.flatMap((page) => params.map((param) => `${page}?${param}=${text}`))) {
					const response = await fetch(`${inbox.url}/${target}`, { headers: inbox.bearer });
					await response.arrayBuffer();
					expect(response.status, target).to.be.oneOf([200, 400, 404]);
				}
			}
		} finally {
			await inbox.close();
			await database.close();
		}
	});

	it('refuses a server that would lose commits in a power cut', async () => {
		const careless = await makeCluster({ settings: { fsync: 'off' } });
		try {
			await careless.start();
			expect(await refusal(await careless.createDatabase('inbox'))).to.match(/fsync is off/);
		} finally {
			await careless.remove();
		}
	});

	it('interprets sslmode like psql', async () => {
		const tls = await makeCluster({ certificateOf: '127.0.0.1' });
		const outcome = async (query: string) => {
			try {
				const database = await open(`${await url}?${query}`);
				const [row] = await database.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
				await database.close();
				return row;
			} catch (error) {
				return (error as Error).message;
			}
		};
		let url: Promise<string> | undefined;
		try {
			await tls.start();
			url = tls.createDatabase('secure');
			const root = `sslrootcert=${encodeURIComponent(tls.certificateFile)}`;
			expect(await outcome('')).to.deep.equal({ ssl: false });
			expect(await outcome('sslmode=disable')).to.deep.equal({ ssl: false });
			expect(await outcome('sslmode=require')).to.deep.equal({ ssl: true });
			for (const mode of ['require', 'verify-ca', 'verify-full']) {
				expect(await outcome(`sslmode=${mode}&${root}`), mode).to.deep.equal({ ssl: true });
			}
			expect(await outcome('sslmode=verify-full')).to.match(/^The database cannot be opened: self-signed certificate/);
		} finally {
			await tls.remove();
		}
	});

	it('refuses a database whose encoding cannot store all text', async () => {
		const url = await cluster.createDatabase('ascii', `ENCODING 'SQL_ASCII' TEMPLATE template0`);
		expect(await refusal(url)).to.match(/SQL_ASCII; create one with ENCODING 'UTF8'/);
	});

	it('shows the reports of other processes, even after connections break', async () => {
		const url = await cluster.createDatabase('live');
		const databases = [await open(url), await open(url)] as [Database, Database];
		const [one, other] = [await serveInbox(databases[0]), await serveInbox(databases[1])];
		const page = new EventStream(other.url, other.bearer);
		let known: string | undefined;
		const news = async () => {
			known = (await page.next(({ version }) => version !== undefined && version !== known)).version;
		};
		try {
			await news();
			await sendReport(one.url, reportXml({ messageId: 'm1' }));
			await news();
			await databases[0].query(
				'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
			);
			// retry until it is acknowledged, as a provider does: the broken connection may not have been noticed yet
			const xml = reportXml({ messageId: 'm2' });
			while ((await sendReport(one.url, xml)).statusCode !== 1000);
			await news();
		} finally {
			page.close();
			for (const inbox of [one, other]) await inbox.close();
			for (const database of databases) await database.close();
		}
	});

	it('responds to /healthz with 503 while the database is read-only and with 200 once it is writable again', async () => {
		const url = await cluster.createDatabase('readonly');
		const database = await open(url);
		const inbox = await serveInbox(database);
		const health = async () => (await fetch(`${inbox.url}/healthz`)).status;
		const setReadOnly = async (value: 'on' | 'off') => {
			await cluster.psql(`ALTER DATABASE readonly SET default_transaction_read_only = ${value}`);
			await cluster.psql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'readonly'`);
		};
		try {
			expect(await health()).to.equal(200);
			await setReadOnly('on');
			expect(await sendReport(inbox.url, reportXml())).to.deep.equal({ httpStatus: 500, statusCode: 4006 });
			for (let n = 0; n < 300; n++) expect(await health()).to.equal(503);
			await setReadOnly('off');
			while ((await health()) !== 200);
			expect((await sendReport(inbox.url, reportXml())).statusCode).to.equal(1000);
		} finally {
			await inbox.close();
			await database.close();
		}
	});

	it('fails slow searches in time without delaying reports, other queries or /healthz', async () => {
		const database = await open(await cluster.createDatabase('slow'));
		const inbox = await serveInbox(database);
		const searches = Array.from({ length: 6 }, () =>
			database.search('SELECT pg_sleep(30)').catch((error: unknown) => error),
		);
		try {
			for (let n = 0; n < 20; n++) expect((await fetch(`${inbox.url}/healthz`)).status).to.equal(200);
			expect((await sendReport(inbox.url, reportXml())).statusCode).to.equal(1000);
			expect((await fetch(inbox.url, { headers: inbox.bearer })).status).to.equal(200);
			for (const error of await Promise.all(searches)) expect(error).to.include({ failure: 'slow' });
		} finally {
			await Promise.all(searches);
			await inbox.close();
			await database.close();
		}
	});

	it('refuses reports while the server is down and accepts them once it is back', async () => {
		const database = await open(await cluster.createDatabase('outage'));
		const inbox = await serveInbox(database, {}, makeLogger('silent'));
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
