import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { makeLogger } from '../../lib/log.js';
import { sendCsv, sendXlsx } from '../../lib/page/export.js';
import { disconnectIdle } from '../../lib/page/routes.js';
import { type Database, DatabaseError } from '../../lib/store/database.js';
import { timeRange } from '../../lib/store/read/filters.js';
import type { FindMessages, ListedMessage } from '../../lib/store/read/find-messages.js';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { type ReportFields, readReplyXml, report, reportXml, sendReport } from '../support/report-request.js';
import { LogLines, type ServedInbox, serve, serveInbox } from '../support/serve.js';
import { clear, openTemporaryDatabase, START_TIMEOUT_MS } from '../support/temporary-database.js';

const HOSTILE = '<img src=x onerror=alert(1)>';

describe('the pages', () => {
	let database: Database;
	let inbox: ServedInbox;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await openTemporaryDatabase();
		inbox = await serveInbox(database);
	});
	beforeEach(() => clear(database));
	after(async () => {
		await inbox?.close();
		await database?.close();
	});

	function get(path: string): Promise<Response> {
		return fetch(inbox.url + path, { headers: inbox.bearer });
	}

	/** Serves the pages of a database whose queries are replaced. */
	async function withQueries(query: Database['query'], test: (served: ServedInbox) => Promise<void>): Promise<void> {
		const served = await serveInbox({ ...database, query, search: query });
		await test(served).finally(served.close);
	}

	async function text(path: string): Promise<string> {
		return (await get(path)).text();
	}

	async function send(fields: ReportFields): Promise<void> {
		expect((await sendReport(inbox.url, reportXml(fields))).statusCode).to.equal(1000);
	}

	/** Finds a link on a page. */
	async function link(pattern: RegExp, path = '/'): Promise<string> {
		const [, found = ''] = new RegExp(`href="(${pattern.source})"`).exec(await text(path)) ?? [];
		return `/${found.replaceAll('&amp;', '&')}`;
	}

	it('forbid third-party code and caching, and contain nothing that their own policy blocks', async () => {
		await send({ messageId: 'a' });
		await sendReport(inbox.url, '<broken>');
		const paths = ['/', '/?q=nothing', '/statistics', '/refused', '/nowhere', '/?state=wrong'];
		paths.push(await link(/message\?key=[^"]+/), await link(/refused-request[^"]+/, '/refused'));
		for (const path of paths) {
			const { headers } = await get(path);
			expect(headers.get('content-type'), path).to.equal('text/html; charset=utf-8');
			expect(headers.get('cache-control'), path).to.equal('no-store');
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
			expect(headers.get('referrer-policy')).to.equal('same-origin');
			expect(headers.get('x-powered-by')).to.equal(null);
			expect(await text(path), path).not.to.match(/\son\w+=|\sstyle=|<style|<script>|javascript:/i);
		}
	});

	it('require access, except for static files', async () => {
		const paths = [
			'/',
			'/message',
			'/statistics',
			'/refused',
			'/messages.csv',
			'/messages.xlsx',
			'/report.xml',
			'/events',
			'/nowhere',
		];
		for (const path of paths) expect((await fetch(inbox.url + path)).status, path).to.equal(401);
		for (const [file, type] of [
			['/style.css', /^text\/css/],
			['/live.js', /^text\/javascript/],
			['/icon.svg', /^image\/svg/],
		] as const) {
			const { status, headers } = await fetch(inbox.url + file);
			expect(status, file).to.equal(200);
			expect(headers.get('content-type')).to.match(type);
		}
	});

	it('explain an invalid address, and a page that does not exist', async () => {
		for (const path of ['/?state=lost', '/?before=x', '/refused?before=x', '/statistics?span=year']) {
			const response = await get(path);
			expect(response.status, path).to.equal(400);
			expect(await response.text()).to.include('Invalid address');
		}
		for (const path of [
			'/message?key=x',
			'/report.xml?id=1',
			'/refused-request?id=999999',
			'/refused.txt',
			'/nowhere',
		]) {
			const response = await get(path);
			expect(response.status, path).to.equal(404);
			expect(await response.text()).to.include('Page not found');
		}
	});

	it('explain that the database is not responding, without exposing its error', async () => {
		const failing = () => Promise.reject(new DatabaseError('secret host', 'unavailable', 'X'));
		await withQueries(failing, async ({ url, bearer: headers }) => {
			for (const path of ['/', '/message?key=x', '/statistics', '/refused', '/messages.csv', '/messages.xlsx']) {
				const response = await fetch(url + path, { headers });
				expect(response.status, path).to.equal(503);
				expect(await response.text())
					.to.include('The database is not responding')
					.and.not.include('secret');
			}
		});
	});

	it('blame no database for a defect of the inbox or an invalid form, and expose no error', async () => {
		await withQueries(
			() => Promise.reject(new TypeError('secret')),
			async ({ url, bearer: headers }) => {
				const response = await fetch(url, { headers });
				expect(response.status).to.equal(500);
				expect(await response.text())
					.to.include('has a defect')
					.and.not.include('secret');
			},
		);
		for (const [body, encoding] of [
			['x'.repeat(200_000), 'identity'],
			['number=1', 'unknown'],
		] as const) {
			const headers = {
				...inbox.bearer,
				'Content-Type': 'application/x-www-form-urlencoded',
				'Content-Encoding': encoding,
			};
			const response = await fetch(`${inbox.url}/erase`, { method: 'POST', body, headers });
			expect(response.status).to.be.within(413, 415);
			expect(await response.text())
				.to.include('Invalid request')
				.and.not.include('database');
		}
	});

	it('ask to narrow the time range if a search takes too long', async () => {
		const slow = () => Promise.reject(new DatabaseError('the search takes too long', 'slow', 'SEARCH'));
		const served = await serveInbox({ ...database, search: slow });
		const response = await fetch(`${served.url}/?q=1`, { headers: served.bearer });
		expect(response.status).to.equal(503);
		expect(await response.text())
			.to.include('Narrow the time range')
			.and.not.include('not responding');
		await served.close();
	});

	it('say that a proxy with TLS is not named in TRUST_PROXY', async () => {
		await clear(database);
		const headers = { ...inbox.bearer, 'X-Forwarded-Proto': 'https' };
		const hint = async (url: string) => (await (await fetch(url, { headers })).text()).includes('TRUST_PROXY');
		expect(await hint(inbox.url)).to.equal(true);
		const output = new LogLines();
		for (const env of [{}, { TRUST_PROXY: 'loopback' }]) {
			const served = await serveInbox(database, env, makeLogger('warn', output));
			const proxied = { Authorization: served.bearer.Authorization, 'X-Forwarded-Proto': 'https' };
			for (let n = 0; n < 2; n++) await (await fetch(served.url, { headers: proxied })).text();
			await served.close();
		}
		expect(output.lines).to.have.lengthOf(1);
		expect(output.lines[0]).to.include('TRUST_PROXY=loopback');
	});

	it('survive strange paths', async () => {
		for (const path of ['//', '//example.net', '/%', '/%zz']) {
			const response = await get(path);
			expect(response.status, path).to.be.oneOf([200, 400, 404]);
			expect(await response.text(), path).not.to.match(/ at .*\.ts:/);
		}
	});

	it('clean up the address of a form: no empty fields, times with their offset, no span besides a time', async () => {
		const tz = 'tz=America/New_York';
		for (const [given, cleaned] of [
			['/?q=1&state=&from=&span=day', './?q=1&span=day'],
			[`/?from=2026-07-07T14:00&to=&${tz}`, './?from=2026-07-07T14:00-04:00&tz=America/New_York'],
			['/statistics?from=2026-07-07T14:00&span=day', './statistics?from=2026-07-07T14:00Z'],
		] as const) {
			const response = await fetch(inbox.url + given, { headers: inbox.bearer, redirect: 'manual' });
			expect(response.status).to.equal(302);
			expect(decodeURIComponent(response.headers.get('location') ?? '')).to.equal(cleaned);
			expect((await get(`/${cleaned}`)).redirected, cleaned).to.equal(false);
		}
	});

	it('show times in the zone of the address, which links and forms keep', async () => {
		const at = new Date('2024-07-07T18:03:59Z');
		await new ReportRepository(database).store({ ...(await report({ messageId: 'a' })), receivedAt: at });
		expect(await text('/'))
			.to.include('>7 Jul 2024 18:03:59<')
			.and.include('>UTC<');
		const html = await text('/?tz=America/New_York');
		expect(html).to.include('>7 Jul 2024 14:03:59<').and.include('title="7 Jul 2024, 14:03:59 UTC−4"');
		expect(html).to.include('<input type="hidden" name="tz" value="America/New_York"/>');
		expect(await text('/?tz=Mars/Olympus')).to.include('>7 Jul 2024 18:03:59<');
		const links = (page: string) =>
			Array.from(page.matchAll(/<a [^>]*href="([^"#]+)"(?![^>]* download)/g), ([, href]) => href);
		await sendReport(inbox.url, '<broken>');
		while (!(await text('/refused')).includes('refused-request?'));
		const story = await link(/message\?key=[^"]+/);
		const paths = ['/', '/zone', '/nowhere', '/?q=none', '/?state=failed&span=day', '/statistics', '/refused'];
		paths.push(story, await link(/report\?id=[^"]+/, story), await link(/refused-request[^"]+/, '/refused'));
		for (const path of paths) {
			const page = await text(`${path}${path.includes('?') ? '&' : '?'}tz=America/New_York`);
			for (const href of links(page)) expect(href, path).to.match(/tz=America\/New_York|^readme.txt|^messages.csv/);
		}
		// a workbook has the times of the page
		expect(await text('/?tz=America/New_York')).to.include('href="messages.xlsx?tz=America/New_York"');
		expect(await text('/zone?back=statistics%3Fspan%3Dday%26tz%3DUTC&tz=Asia/Tokyo'))
			.to.include('action="./statistics"')
			.and.include('name="span" value="day"')
			.and.include('<option value="Asia/Tokyo" selected>Asia/Tokyo, UTC+9</option>');
		expect(await text('/zone?back=//example.net/x')).to.include('action="./x"');
	});

	for (const zone of ['Pacific/Kiritimati', 'Pacific/Honolulu']) {
		it(`begin the last 30 days at midnight in ${zone}`, async () => {
			const { from = new Date() } = timeRange({ span: 'month' }, zone);
			const reports = new ReportRepository(database);
			for (const [messageId, distance] of Object.entries({ before: -1_000, after: 1_000 })) {
				const receivedAt = new Date(from.getTime() + distance);
				await reports.store({ ...(await report({ messageId })), receivedAt });
			}
			const query = `?span=month&tz=${zone}`;
			const list = await text(`/${query}`);
			expect(list).to.include('>after<').and.not.include('>before<');
			expect(list).to.include(`href="messages.csv${query.replace('&', '&amp;')}"`);
			expect(await text(`/messages.csv${query}`))
				.to.include('"after"')
				.and.not.include('"before"');
		});
	}

	it('list overdue messages with OVERDUE_AFTER, each kind on its own', async () => {
		const submittedAt = new Date(Date.now() - 60_000);
		const reports = new ReportRepository(database);
		for (const messageId of ['silent', 'accepted', 'delivered']) {
			await reports.register({ messageId, recipients: ['12015550123'], submittedAt });
		}
		await send({ messageId: 'accepted', mmStatus: 'Forwarded' });
		await send({ messageId: 'delivered' });
		expect(await text('/')).not.to.include('overdue');
		expect((await get('/?overdue=no-report')).status).to.equal(400);
		const served = await serveInbox(database, { OVERDUE_AFTER: '30s' });
		try {
			const list = async (query: string) => (await fetch(`${served.url}/${query}`, { headers: served.bearer })).text();
			expect(await list('')).to.include('href=".?overdue=no-report"');
			const silent = await list('?overdue=no-report');
			expect(silent)
				.to.include('>silent<')
				.and.not.to.match(/>(accepted|delivered)</);
			expect(silent).to.include('href=".?overdue=no-receipt"').and.to.include('name="overdue" value="no-report"');
			expect(await list('?overdue=no-receipt'))
				.to.include('>accepted<')
				.and.not.to.match(/>(silent|delivered)</);
		} finally {
			await served.close();
		}
	});

	it('say the same about a message in list and story, also if it was only read', async () => {
		await sendReport(inbox.url, readReplyXml({ messageId: 'read' }));
		await send({ messageId: 'twice', mmStatus: 'Deferred', date: '2026-03-16T10:00:00Z' });
		await send({ messageId: 'twice', mmStatus: 'Deferred', date: '2026-03-16T11:00:00Z' });
		for (const [messageId, state] of [
			['read', 'delivered'],
			['twice', 'pending'],
		]) {
			const list = await text(`/?q=${messageId}`);
			const story = await text(await link(/message\?key=[^"]+/, `/?q=${messageId}`));
			const since = /<time datetime="([^"]+)"/i;
			const [, row = ''] = /<tbody>(.*)<\/tbody>/s.exec(list) ?? [];
			const [, verdict = ''] = /class="verdict"(.*?)<\/p>/s.exec(story) ?? [];
			expect(since.exec(verdict)?.[1]).to.be.a('string').and.equal(since.exec(row)?.[1]);
			for (const part of [row, verdict]) expect(part).to.include(`data-state="${state}"`);
		}
	});

	it('name the operator in list and story', async () => {
		await sendReport(inbox.url, reportXml(), { 'x-mblox-operator-id': '31002' });
		for (const path of [
			'/',
			await link(/message\?key=[^"]+/),
			await link(/report\?id=[^"]+/, await link(/message\?key=[^"]+/)),
		]) {
			expect(await text(path), path).to.include('AT&amp;T <small>31002</small>');
		}
	});

	it('show hostile text as text, and invisible characters as code points', async () => {
		await send({ messageId: HOSTILE, mmStatus: HOSTILE, statusText: `${HOSTILE}\u202etxt.exe\u200b` });
		for (const path of ['/', await link(/message\?key=[^"]+/), '/statistics', `/?q=${encodeURIComponent(HOSTILE)}`]) {
			expect(await text(path), path)
				.not.to.include('<img')
				.and.not.include('\u202e');
		}
		expect(await text('/')).to.include(
			'<span class="invisible">U+202E</span>txt.exe<span class="invisible">U+200B</span>',
		);
	});

	it('offer the original XML as a download', async () => {
		const xml = reportXml({ messageId: 'a', statusText: 'é' });
		await sendReport(inbox.url, xml);
		const path = await link(/report\.xml\?id=\d+/, await link(/message\?key=[^"]+/));
		const response = await get(path);
		expect(response.headers.get('content-disposition')).to.match(/^attachment; filename=.?report-\d+\.xml.?$/);
		expect(await response.text()).to.equal(xml);
	});

	it('offer a refused request as a download, with its time, address and error', async () => {
		const body = Buffer.from([0x3c, 0x00, 0xff, 0x0d, 0x0a]);
		await fetch(`${inbox.url}/mm7`, { method: 'POST', headers: { 'Content-Type': 'text/xml' }, body });
		let list = await text('/refused');
		// it is stored after the response
		while (!list.includes('refused-request')) list = await text('/refused');
		const page = await text(await link(/refused-request[^"]+/, '/refused'));
		expect(page).to.include('127.0.0.1').and.include('ERR_MM7_').and.include('000000  3c 00 ff 0d 0a');
		const response = await get(await link(/refused\.txt[^"]+/, await link(/refused-request[^"]+/, '/refused')));
		expect(response.headers.get('content-disposition')).to.match(/^attachment; filename=.?refused-\d+\.txt.?$/);
		expect(response.headers.get('content-type')).to.equal('application/octet-stream');
		const file = Buffer.from(await response.arrayBuffer());
		expect(file.toString('latin1')).to.match(
			/^Received: 20\S+Z\r\nFrom: \S*127\.0\.0\.1\r\nRefused: .+ \(ERR_MM7_\w+\)\r\n/,
		);
		expect(file.subarray(-5).equals(body)).to.equal(true);
	});

	describe('as CSV', () => {
		it('contain all messages that match the filters, with times in UTC', async () => {
			for (let n = 0; n < 3; n++)
				await send({ messageId: `a${n}`, mmStatus: 'Expired', statusText: 'Too "late", twice' });
			await send({ messageId: 'b' });
			const response = await get('/messages.csv?state=failed');
			expect(response.headers.get('content-type')).to.match(/^text\/csv/);
			expect(response.headers.get('content-disposition')).to.match(
				/^attachment; filename=.?messages-\d{4}-\d\d-\d\d\.csv.?$/,
			);
			const lines = Buffer.from(await response.arrayBuffer())
				.toString()
				.split('\n');
			expect(lines[0]).to.equal(
				'\ufeff"MessageID","Recipient","Sender","State","MMStatus","Since (UTC)","Operator","Status text","TransactionID"',
			);
			expect(lines[1]).to.match(
				/^"a2","12015550123","54321","failed","Expired","20\S+Z",,"Too ""late"", twice","t\d+"$/,
			);
			expect(lines).to.have.lengthOf(5);
		});

		it('disarm formulas, whichever separator the spreadsheet uses', async () => {
			const formulas = ['=HYPERLINK("http://example.net")', '@SUM(1)', '+1', '-1', '\uFF1D1+1'];
			const before = ['', 'x,', 'x;', 'x\t', 'x|', 'x\n', 'x;"', 'x; ', 'x;;', '=1;'];
			for (const [index, start] of before.entries()) {
				for (const formula of formulas)
					await send({ messageId: `${start}${formula}`, recipient: `1201555010${index}` });
			}
			const csv = await text('/messages.csv');
			expect(csv).to.include(`"'=HYPERLINK(""http://example.net"")"`).and.include(`"x;'@SUM(1)"`);
			expect(csv.match(/(?:^|[,;|\t\r\n])["\s]*[=+@\uFF1D-].*/gm)).to.equal(null);
		});

		it('leave other text unchanged', async () => {
			const statusText = 'Expired - 5 = 3 + 2 days; a@example.net, 2026-03-16';
			await send({ messageId: 'm-1', statusText });
			expect(await text('/messages.csv'))
				.to.include(`"m-1","12015550123"`)
				.and.include(`"${statusText}"`);
		});
	});

	for (const [format, send] of Object.entries({ csv: sendCsv, xlsx: sendXlsx })) {
		describe(`as ${format}, of any number`, () => {
			it('are aborted if the client stops reading', async () => {
				// compression must not make it small
				const row = () => ({ at: new Date(), messageId: randomBytes(4_000).toString('base64') }) as ListedMessage;
				const endless = { find: async () => Array.from({ length: 100 }, row) } as unknown as FindMessages;
				const app = express().use(disconnectIdle(200));
				app.get('/', (_req, res) => send(res, endless, {}).catch(() => {}));
				const served = await serve(app);
				const socket = connect(Number(new URL(served.url).port), '127.0.0.1').pause();
				socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
				const [accepted] = (await once(served.server, 'connection')) as [Socket];
				await once(accepted, 'close');
				socket.destroy();
				await served.close();
			});

			it('are read from the database no faster than the client reads them', async () => {
				let readings = 0;
				const sample = {
					key: 'k',
					reportId: '1',
					at: new Date(),
					state: 'failed',
					messageId: 'x'.repeat(200),
					statusText: 'x'.repeat(200),
				};
				async function endless<Row extends object>() {
					readings++;
					return Array.from({ length: 500 }, () => sample) as unknown as Row[];
				}
				await withQueries(endless, async ({ url, bearer: headers }) => {
					const left = new AbortController();
					const response = await fetch(`${url}/messages.${format}`, { headers, signal: left.signal });
					await response.body?.getReader().read();
					// reads until the server waits for the client
					let known = -1;
					while (readings !== known) {
						known = readings;
						for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
					}
					expect(readings).to.be.below(200);
					left.abort();
				});
			});
		});
	}
});
