import { expect } from 'chai';
import type { Database } from '../database/database.js';
import { makeLogger } from '../log.js';
import { clear, openTemporaryDatabase, START_TIMEOUT } from './database/temporary-database.js';
import { reportXml, sendReport } from './report-request.js';
import { LogLines, type Served, serveInbox } from './serve.js';

const HOSTILE = '<img src=x onerror=alert(1)>';

describe('the inbox', () => {
	let database: Database;
	let inbox: Served;

	before(async function () {
		this.timeout(START_TIMEOUT);
		database = await openTemporaryDatabase();
	});
	beforeEach(() => clear(database));
	afterEach(() => inbox?.close());
	after(() => database?.close());

	async function json(path: string): Promise<Record<string, unknown>> {
		return (await fetch(inbox.url + path)).json() as Promise<Record<string, unknown>>;
	}

	async function metric(line: string): Promise<string | undefined> {
		const lines = (await (await fetch(`${inbox.url}/metrics`)).text()).split('\n');
		return lines.find((candidate) => candidate.startsWith(`${line} `))?.slice(line.length + 1);
	}

	describe('at /mm7', () => {
		it('acknowledges a report when it is stored, and once more when it comes again', async () => {
			inbox = await serveInbox(database);
			const xml = reportXml();
			expect(await sendReport(inbox.url, xml)).to.deep.equal({ httpStatus: 200, statusCode: 1000 });
			expect(await sendReport(inbox.url, xml)).to.deep.equal({ httpStatus: 200, statusCode: 1000 });
			const stored = await database.query('SELECT xml FROM reports');
			expect(stored).to.deep.equal([{ xml }]);
		});

		it('asks for the report again when it cannot be stored, and takes it then', async () => {
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

		it('keeps what could not be read', async () => {
			inbox = await serveInbox(database);
			await sendReport(inbox.url, '<broken>');
			await sendReport(inbox.url, reportXml().replaceAll('DeliveryReportReq', 'ReadReplyReq'));
			await inbox.close();
			const kept = await database.query('SELECT error_code AS code, content_type AS type FROM unreadable ORDER BY id');
			expect(kept).to.deep.equal([
				{ code: 'ERR_MM7_XML', type: 'text/xml; charset=utf-8' },
				{ code: 'ERR_MM7_OPERATION', type: 'text/xml; charset=utf-8' },
			]);
		});

		it('asks for the password that is configured', async () => {
			inbox = await serveInbox(database, { MM7_USER: 'sinch', MM7_PASSWORD: 'secret' });
			const basic = `Basic ${Buffer.from('sinch:secret').toString('base64')}`;
			expect((await sendReport(inbox.url, reportXml())).httpStatus).to.equal(401);
			expect((await sendReport(inbox.url, reportXml(), { Authorization: basic })).httpStatus).to.equal(200);
		});

		it('takes reports from the configured addresses, as the trusted proxy tells them', async () => {
			inbox = await serveInbox(database, { MM7_ALLOW_FROM: '192.0.2.0/24', TRUST_PROXY: 'loopback' });
			const from = (address: string) => sendReport(inbox.url, reportXml(), { 'X-Forwarded-For': address });
			expect((await from('192.0.2.7')).httpStatus).to.equal(200);
			expect((await from('198.51.100.7')).httpStatus).to.equal(403);
			expect((await from('192.0.2.7, 198.51.100.7')).httpStatus).to.equal(403);
		});

		it('believes no proxy unless told to', async () => {
			inbox = await serveInbox(database, { MM7_ALLOW_FROM: '192.0.2.0/24' });
			const spoofed = await sendReport(inbox.url, reportXml(), { 'X-Forwarded-For': '192.0.2.7' });
			expect(spoofed.httpStatus).to.equal(403);
		});
	});

	describe('at /reports', () => {
		it('lists the newest, finds by id or number, and pages', async () => {
			inbox = await serveInbox(database);
			for (let n = 1; n <= 60; n++) await sendReport(inbox.url, reportXml({ messageId: `m${n}`, statusText: HOSTILE }));
			const first = (await json('/reports')) as { reports: { id: string; messageId: string }[]; more: boolean };
			expect(first.reports).to.have.lengthOf(50);
			expect(first.more).to.equal(true);
			expect(first.reports[0]).to.include({ messageId: 'm60', statusText: HOSTILE });
			const rest = (await json(`/reports?before=${first.reports.at(-1)?.id}`)) as typeof first;
			expect(rest.reports.map(({ messageId }) => messageId)).to.deep.equal(
				Array.from({ length: 10 }, (_, index) => `m${10 - index}`),
			);
			expect(rest.more).to.equal(false);
			const found = (await json('/reports?q=m7')) as typeof first;
			expect(found.reports.map(({ messageId }) => messageId)).to.deep.equal(['m7']);
		});

		it('refuses what is no search', async () => {
			inbox = await serveInbox(database);
			for (const query of ['before=abc', 'before=-1', 'before=1&before=2', 'q=a&q=b', `q=${'x'.repeat(301)}`]) {
				expect((await fetch(`${inbox.url}/reports?${query}`)).status, query).to.equal(400);
			}
		});

		it('says nothing of the error when the database fails', async () => {
			const failing: Database = { ...database, query: () => Promise.reject(new Error('secret host')) };
			inbox = await serveInbox(failing);
			const response = await fetch(`${inbox.url}/reports`);
			expect(response.status).to.equal(500);
			expect(await response.text()).not.to.include('secret');
		});
	});

	describe('at /', () => {
		const files: readonly [string, RegExp][] = [
			['/', /^text\/html/],
			['/app.js', /^text\/javascript/],
			['/style.css', /^text\/css/],
			['/icon.svg', /^image\/svg\+xml/],
			['/reports', /^application\/json/],
		];
		for (const [path, type] of files) {
			it(`serves ${path} under a policy that runs nothing foreign`, async () => {
				inbox = await serveInbox(database);
				const { status, headers } = await fetch(inbox.url + path);
				expect(status).to.equal(200);
				expect(headers.get('content-type')).to.match(type);
				expect(headers.get('content-security-policy')?.split(';')).to.have.members([
					"default-src 'none'",
					"script-src 'self'",
					"style-src 'self'",
					"connect-src 'self'",
					"img-src 'self'",
					"base-uri 'none'",
					"form-action 'self'",
					"frame-ancestors 'none'",
				]);
				expect(headers.get('x-content-type-options')).to.equal('nosniff');
				expect(headers.get('referrer-policy')).to.equal('no-referrer');
				expect(headers.get('x-powered-by')).to.equal(null);
			});
		}

		it('lets no cache keep reports', async () => {
			inbox = await serveInbox(database);
			expect((await fetch(`${inbox.url}/reports`)).headers.get('cache-control')).to.equal('no-store');
		});

		it('has nothing in its page that the policy would stop', async () => {
			inbox = await serveInbox(database);
			const html = await (await fetch(inbox.url)).text();
			expect(html).to.include('<script type="module" src="app.js">');
			expect(html).not.to.match(/\son\w+=|\sstyle=|<style|<script>|javascript:/i);
		});
	});

	describe('at /metrics', () => {
		it('counts reports by state and outcome, answers, errors and durations', async () => {
			inbox = await serveInbox(database);
			const retrieved = reportXml();
			await sendReport(inbox.url, retrieved);
			await sendReport(inbox.url, retrieved);
			await sendReport(inbox.url, reportXml({ mmStatus: 'Deferred' }));
			await sendReport(inbox.url, '<broken>');
			expect(await metric('mm7_reports_total{state="delivered",outcome="current"}')).to.equal('1');
			expect(await metric('mm7_reports_total{state="delivered",outcome="duplicate"}')).to.equal('1');
			expect(await metric('mm7_reports_total{state="pending",outcome="superseded"}')).to.equal('1');
			expect(await metric('mm7_answers_total{http_status="200"}')).to.equal('3');
			expect(await metric('mm7_answers_total{http_status="500"}')).to.equal('1');
			expect(await metric('mm7_errors_total{code="ERR_MM7_XML"}')).to.equal('1');
			expect(await metric('mm7_request_duration_seconds_count')).to.equal('4');
			expect(await metric('process_cpu_seconds_total')).to.match(/^[\d.]+$/);
		});
	});

	describe('in its log', () => {
		it('tells of each request without a telephone number', async () => {
			const output = new LogLines();
			inbox = await serveInbox(database, {}, makeLogger('debug', output));
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
