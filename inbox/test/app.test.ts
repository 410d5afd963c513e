import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { makeLogger } from '../lib/log.js';
import type { Database } from '../lib/store/database.js';
import { ReportRepository } from '../lib/store/report-repository.js';
import { readReplyXml, reportXml, sendReport } from './support/report-request.js';
import { sendBytes } from './support/send-bytes.js';
import { LogLines, type ServedInbox, serveInbox } from './support/serve.js';
import { storedXml } from './support/stored-reports.js';
import { clear, openTemporaryDatabase, START_TIMEOUT_MS } from './support/temporary-database.js';

describe('the inbox', () => {
	let database: Database;
	let inbox: ServedInbox;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await openTemporaryDatabase();
	});
	beforeEach(() => clear(database));
	afterEach(() => inbox?.close());
	after(() => database?.close());

	async function metric(line: string): Promise<string | undefined> {
		const lines = (await (await fetch(`${inbox.url}/metrics`, { headers: inbox.bearer })).text()).split('\n');
		return lines.find((candidate) => candidate.startsWith(`${line} `))?.slice(line.length + 1);
	}

	describe('at /mm7', () => {
		it('acknowledges a report once it is stored, and its copy too', async () => {
			inbox = await serveInbox(database);
			const xml = reportXml();
			expect(await sendReport(inbox.url, xml)).to.deep.equal({ httpStatus: 200, statusCode: 1000 });
			expect(await sendReport(inbox.url, xml)).to.deep.equal({ httpStatus: 200, statusCode: 1000 });
			expect(await storedXml(database)).to.deep.equal([xml]);
		});

		it('requests a retry if a report cannot be stored, and accepts that', async () => {
			let broken = true;
			const flaky: Database = {
				...database,
				write: (...statements) =>
					broken ? Promise.reject(new Error('no space left on device')) : database.write(...statements),
			};
			inbox = await serveInbox(flaky);
			const xml = reportXml();
			expect(await sendReport(inbox.url, xml)).to.deep.equal({ httpStatus: 500, statusCode: 4006 });
			broken = false;
			expect(await sendReport(inbox.url, xml)).to.deep.equal({ httpStatus: 200, statusCode: 1000 });
			expect(await database.query('SELECT xml FROM reports')).to.have.lengthOf(1);
		});

		it('keeps requests that are not reports', async () => {
			inbox = await serveInbox(database);
			await sendReport(inbox.url, '<broken>');
			await sendReport(inbox.url, reportXml().replaceAll('DeliveryReportReq', 'DeliverReq'));
			await inbox.close();
			const kept = await database.query<{ code: string; headers: string }>(
				'SELECT reason AS code, headers FROM refused_requests ORDER BY id',
			);
			expect(kept.map(({ code }) => code)).to.deep.equal(['ERR_MM7_XML', 'ERR_MM7_OPERATION']);
			for (const { headers } of kept)
				expect(JSON.parse(headers)).to.include({ 'content-type': 'text/xml; charset=utf-8' });
		});

		it('refuses a request with several reports', async () => {
			inbox = await serveInbox(database);
			const xml = reportXml();
			const twice = xml.replace(/<(\w+:)?DeliveryReportReq.*<\/(\w+:)?DeliveryReportReq>/s, '$&$&');
			expect(await sendReport(inbox.url, twice)).to.deep.equal({ httpStatus: 200, statusCode: 4004 });
			await inbox.close();
			expect(await database.query('SELECT id FROM reports')).to.deep.equal([]);
			const [kept] = await database.query<{ code: string; body: Uint8Array }>(
				'SELECT reason AS code, body FROM refused_requests',
			);
			expect(kept?.code).to.equal('ERR_MM7_SEVERAL_REPORTS');
			expect(Buffer.from(kept?.body ?? []).toString()).to.equal(twice);
		});

		it('acknowledges a read reply once it is stored, and keeps the state of its message', async () => {
			inbox = await serveInbox(database);
			await sendReport(inbox.url, reportXml({ mmStatus: 'Deferred' }));
			const xml = readReplyXml();
			for (let n = 0; n < 2; n++) {
				expect(await sendReport(inbox.url, xml)).to.deep.equal({ httpStatus: 200, statusCode: 1000 });
			}
			expect((await storedXml(database))[0]).to.equal(xml);
			expect(await database.query('SELECT state, mm_status FROM messages')).to.deep.equal([
				{ state: 'pending', mm_status: 'Deferred' },
			]);
			expect(await metric('mm7_read_replies_total{state="read",outcome="superseded",provider="default"}')).to.equal(
				'1',
			);
			expect(await metric('mm7_read_replies_total{state="read",outcome="duplicate",provider="default"}')).to.equal('1');
		});

		it('requires the configured password', async () => {
			inbox = await serveInbox(database, { MM7_USER: 'sinch', MM7_PASSWORD: 'secret' });
			const basic = `Basic ${Buffer.from('sinch:secret').toString('base64')}`;
			expect((await sendReport(inbox.url, reportXml())).httpStatus).to.equal(401);
			expect((await sendReport(inbox.url, reportXml(), { Authorization: basic })).httpStatus).to.equal(200);
		});

		it('accepts the configured addresses, as forwarded by a trusted proxy', async () => {
			inbox = await serveInbox(database, { MM7_ALLOW_FROM: '192.0.2.0/24', TRUST_PROXY: 'loopback' });
			const from = (address: string) => sendReport(inbox.url, reportXml(), { 'X-Forwarded-For': address });
			expect((await from('192.0.2.7')).httpStatus).to.equal(200);
			expect((await from('198.51.100.7')).httpStatus).to.equal(403);
			expect((await from('192.0.2.7, 198.51.100.7')).httpStatus).to.equal(403);
		});

		it('ignores ports in forwarded addresses', async () => {
			const env = { MM7_ALLOW_FROM: '192.0.2.7,2001:db8::/32', TRUST_PROXY: 'loopback,10.0.0.0/8,fd00::/8' };
			inbox = await serveInbox(database, env);
			const from = async (address: string) =>
				(await sendReport(inbox.url, reportXml(), { 'X-Forwarded-For': address })).httpStatus;
			for (const address of ['192.0.2.7:51234', '[2001:db8::7]', '[2001:db8::7]:51234']) {
				expect(await from(address), address).to.equal(200);
				expect(await from(`198.51.100.7:1, ${address}, 10.0.0.5:443`), `${address} through two proxies`).to.equal(200);
				expect(await from(`${address}, [fd00::5]:443`), `${address} through an IPv6 proxy`).to.equal(200);
			}
			expect(await from('192.0.2.7:51234, 198.51.100.7:443')).to.equal(403);
		});

		for (const site of ['cross-site', 'same-site']) {
			it(`rejects a request that a ${site} page made a browser send, and logs it`, async () => {
				const output = new LogLines();
				inbox = await serveInbox(database, {}, makeLogger('warn', output));
				const headers = { 'Content-Type': 'text/plain', 'Sec-Fetch-Site': site };
				const response = await sendReport(inbox.url, reportXml(), headers);
				expect(response).to.deep.equal({ httpStatus: 403, statusCode: 4007 });
				expect(output.lines.join('')).to.include('ERR_MM7_FORBIDDEN').and.to.include('browser');
			});
		}

		it('keeps connections open longer than load balancers do', async () => {
			inbox = await serveInbox(database);
			const response = await fetch(`${inbox.url}/healthz`);
			expect(response.headers.get('keep-alive')).to.equal('timeout=65');
		});

		it('ignores X-Forwarded-For by default', async () => {
			inbox = await serveInbox(database, { MM7_ALLOW_FROM: '192.0.2.0/24' });
			const spoofed = await sendReport(inbox.url, reportXml(), { 'X-Forwarded-For': '192.0.2.7' });
			expect(spoofed.httpStatus).to.equal(403);
		});
	});

	describe('at a path that does not receive reports', () => {
		// a proxy with a rule for /mm7 resolves the last ones to /x
		const paths = ['/', '//mm7', '/mms/dlr', '/MM7', '/mm7.xml', '/mm7;v=1', '/mm7//x', '/%6dm7', '/mm7/../x'];
		for (const path of [...paths, '/mm7/%2e%2e/x', '/mm7/..%2fx']) {
			it(`responds to POST ${path} with 404, the right path and a log line`, async () => {
				const output = new LogLines();
				inbox = await serveInbox(database, {}, makeLogger('warn', output));
				const head = ['Host: localhost', 'Connection: close', 'Content-Type: text/xml', 'Content-Length: 4'];
				const response = await sendBytes(inbox.url, `POST ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n<a/>`);
				expect(response)
					.to.match(/^HTTP\/1\.1 404 /)
					.and.to.include('Delivery reports are received at /mm7');
				expect(output.lines.map((line) => JSON.parse(line))).to.have.lengthOf(1);
				expect(JSON.parse(output.lines[0] ?? '')).to.deep.include({ level: 40, path, peer: '127.0.0.1' });
				expect(await metric('mm7_refusals_total{reason="WRONG_PATH",provider=""}')).to.equal('1');
			});
		}
	});

	describe('at /metrics', () => {
		it('counts reports by state and outcome, responses, errors and durations', async () => {
			inbox = await serveInbox(database);
			const retrieved = reportXml();
			await sendReport(inbox.url, retrieved);
			await sendReport(inbox.url, retrieved);
			await sendReport(inbox.url, reportXml({ mmStatus: 'Deferred' }));
			await sendReport(inbox.url, '<broken>');
			expect(await metric('mm7_reports_total{state="delivered",outcome="current",provider="default"}')).to.equal('1');
			expect(await metric('mm7_reports_total{state="delivered",outcome="duplicate",provider="default"}')).to.equal('1');
			expect(await metric('mm7_reports_total{state="pending",outcome="superseded",provider="default"}')).to.equal('1');
			expect(await metric('mm7_responses_total{http_status="200",provider="default"}')).to.equal('3');
			expect(await metric('mm7_responses_total{http_status="500",provider="default"}')).to.equal('1');
			expect(await metric('mm7_refusals_total{reason="ERR_MM7_XML",provider="default"}')).to.equal('1');
			expect(await metric('mm7_request_duration_seconds_count')).to.equal('4');
			expect(await metric('process_cpu_seconds_total')).to.match(/^[\d.]+$/);
		});

		it('shows when the last report of each provider arrived, also after a restart', async () => {
			const lastOf = (provider: string) => metric(`mm7_last_report_timestamp_seconds{provider="${provider}"}`);
			inbox = await serveInbox(database, { PROVIDERS: 'sinch,vibes' });
			expect(await lastOf('default')).to.equal(undefined);
			const before = Date.now();
			await sendReport(inbox.url, reportXml(), {}, '/mm7/sinch');
			await sendReport(inbox.url, reportXml());
			const arrivals = [await lastOf('sinch'), await lastOf('default'), await lastOf('vibes')];
			for (const arrival of arrivals.slice(0, 2)) expect(Number(arrival) * 1000).to.be.within(before, Date.now());
			expect(arrivals[2]).to.equal(undefined);
			await new ReportRepository(database).register({ messageId: 'a', recipients: ['1'], provider: 'vibes' });
			await inbox.close();
			inbox = await serveInbox(database, { PROVIDERS: 'sinch,vibes' });
			expect([await lastOf('sinch'), await lastOf('default'), await lastOf('vibes')]).to.deep.equal(arrivals);
		});

		it('shows whether the database and its disk accept reports, and counts failed writes', async () => {
			let broken = false;
			const write: Database['write'] = (...statements) =>
				broken ? Promise.reject(new Error('gone')) : database.write(...statements);
			inbox = await serveInbox({ ...database, write }, { DATA_DIR: tmpdir() });
			expect(await metric('mm7_database_up')).to.equal('1');
			expect(Number(await metric('mm7_disk_free_bytes'))).to.be.within(1, Number(await metric('mm7_disk_size_bytes')));
			broken = true;
			await sendReport(inbox.url, reportXml());
			expect(await metric('mm7_database_up')).to.equal('0');
			expect(await metric('mm7_failed_writes_total{failure="unavailable"}')).to.equal('1');
			expect(await metric('mm7_failed_writes_total{failure="refused"}')).to.equal('0');
		});

		it('requires access to the page', async () => {
			inbox = await serveInbox(database);
			expect((await fetch(`${inbox.url}/metrics`)).status).to.equal(401);
		});
	});

	describe('in its log', () => {
		it('cuts long ids', async () => {
			const output = new LogLines();
			inbox = await serveInbox(database, {}, makeLogger('info', output));
			const id = '\u{1f512}'.repeat(20_000);
			await sendReport(inbox.url, reportXml({ transactionId: id, messageId: id }));
			await sendReport(inbox.url, reportXml({ transactionId: id }).replaceAll('DeliveryReportReq', id));
			await sendBytes(inbox.url, `POST /${'x'.repeat(15_000)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
			await inbox.close();
			expect(output.lines).to.have.lengthOf(3);
			for (const line of output.lines) expect(line).to.have.length.below(3_000);
		});

		it('records each request without phone numbers', async () => {
			const output = new LogLines();
			inbox = await serveInbox(database, {}, makeLogger('info', output));
			await sendReport(inbox.url, reportXml({ transactionId: 't-7' }));
			await sendReport(inbox.url, '<Number>12015550123');
			await inbox.close();
			const entries = output.lines.map((line) => JSON.parse(line));
			expect(entries[0]).to.include({
				msg: 'report acknowledged',
				transactionId: 't-7',
				messageId: '480000000000000001',
				state: 'delivered',
				stored: 'current',
				httpStatus: 200,
			});
			expect(entries[1]).to.include({ msg: 'request refused', level: 40, httpStatus: 500 });
			expect(output.lines.join('')).not.to.include('12015550123');
		});
	});
});
