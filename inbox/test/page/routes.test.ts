import { expect } from 'chai';
import type { Database } from '../../lib/store/database.js';
import { type ReportFields, reportXml, sendReport } from '../support/report-request.js';
import { type ServedInbox, serveInbox } from '../support/serve.js';
import { clear, openTemporaryDatabase, START_TIMEOUT } from '../support/temporary-database.js';

const HOSTILE = '<img src=x onerror=alert(1)>';

describe('the pages', () => {
	let database: Database;
	let inbox: ServedInbox;

	before(async function () {
		this.timeout(START_TIMEOUT);
		database = await openTemporaryDatabase();
	});
	beforeEach(async () => {
		await clear(database);
		inbox = await serveInbox(database);
	});
	afterEach(() => inbox.close());
	after(() => database?.close());

	function get(path: string): Promise<Response> {
		return fetch(inbox.url + path, { headers: inbox.bearer });
	}

	async function text(path: string): Promise<string> {
		return (await get(path)).text();
	}

	async function send(fields: ReportFields): Promise<void> {
		expect((await sendReport(inbox.url, reportXml(fields))).statusCode).to.equal(1000);
	}

	/** The addresses that the list leads to. */
	async function link(pattern: RegExp, path = '/'): Promise<string> {
		const [, found = ''] = new RegExp(`href="(${pattern.source})"`).exec(await text(path)) ?? [];
		return `/${found.replaceAll('&amp;', '&')}`;
	}

	it('are under a policy that runs nothing foreign, kept by no cache, and have nothing in them that it would stop', async () => {
		await send({ messageId: 'a' });
		await sendReport(inbox.url, '<broken>');
		const paths = ['/', '/?q=nothing', '/statistics', '/unreadable', '/nowhere', '/?state=wrong'];
		paths.push(await link(/message\?key=[^"]+/), await link(/unreadable-request[^"]+/, '/unreadable'));
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
			expect(headers.get('referrer-policy')).to.equal('no-referrer');
			expect(headers.get('x-powered-by')).to.equal(null);
			expect(await text(path), path).not.to.match(/\son\w+=|\sstyle=|<style|<script>|javascript:/i);
		}
	});

	it('are closed to strangers, each of them; their files are not', async () => {
		const paths = [
			'/',
			'/news',
			'/message',
			'/statistics',
			'/unreadable',
			'/messages.csv',
			'/report.xml',
			'/events',
			'/nowhere',
		];
		for (const path of paths) expect((await fetch(inbox.url + path)).status, path).to.equal(401);
		for (const [file, type] of [
			['/style.css', /^text\/css/],
			['/list.js', /^text\/javascript/],
			['/icon.svg', /^image\/svg/],
		] as const) {
			const { status, headers } = await fetch(inbox.url + file);
			expect(status, file).to.equal(200);
			expect(headers.get('content-type')).to.match(type);
		}
	});

	it('say in words what is wrong with an address, and what is not there', async () => {
		for (const path of [
			'/?state=lost',
			'/?before=x',
			'/news?since=x',
			'/unreadable?before=x',
			'/statistics?span=year',
		]) {
			const answer = await get(path);
			expect(answer.status, path).to.equal(400);
			expect(await answer.text()).to.include('This address is wrong');
		}
		for (const path of [
			'/message?key=x',
			'/report.xml?id=1',
			'/unreadable-request?id=1',
			'/unreadable.txt',
			'/nowhere',
		]) {
			expect((await get(path)).status, path).to.equal(404);
		}
	});

	it('say in words that the database does not answer, and nothing of its error', async () => {
		const failing: Database = { ...database, query: () => Promise.reject(new Error('secret host')) };
		await inbox.close();
		inbox = await serveInbox(failing);
		for (const path of ['/', '/message?key=x', '/statistics', '/unreadable', '/messages.csv']) {
			const answer = await get(path);
			expect(answer.status, path).to.equal(503);
			expect(await answer.text())
				.to.include('The database does not answer')
				.and.not.include('secret');
		}
	});

	it('take strange paths for pages that are not there', async () => {
		for (const path of ['//', '//example.net', '/%', '/%zz']) {
			const answer = await get(path);
			expect(answer.status, path).to.be.oneOf([200, 400, 404]);
			expect(await answer.text(), path).not.to.match(/ at .*\.ts:/);
		}
	});

	it('forget the empty fields of the form', async () => {
		const answer = await fetch(`${inbox.url}/?q=1&state=&from=&span=day`, {
			headers: inbox.bearer,
			redirect: 'manual',
		});
		expect(answer.status).to.equal(302);
		expect(answer.headers.get('location')).to.equal('.?q=1&span=day');
	});

	it('show hostile text as text, and characters that hide by their names', async () => {
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

	it('give the XML as it came, as a file that nothing runs', async () => {
		const xml = reportXml({ messageId: 'a', statusText: 'é' });
		await sendReport(inbox.url, xml);
		const path = await link(/report\.xml\?id=\d+/, await link(/message\?key=[^"]+/));
		const answer = await get(path);
		expect(answer.headers.get('content-disposition')).to.match(/^attachment; filename=.?report-\d+\.xml.?$/);
		expect(await answer.text()).to.equal(xml);
	});

	it('give an unreadable request as a file, with when, from where and why', async () => {
		const body = Buffer.from([0x3c, 0x00, 0xff, 0x0d, 0x0a]);
		await fetch(`${inbox.url}/mm7`, { method: 'POST', headers: { 'Content-Type': 'text/xml' }, body });
		let list = await text('/unreadable');
		// it is written after the answer
		while (!list.includes('unreadable-request')) list = await text('/unreadable');
		const page = await text(await link(/unreadable-request[^"]+/, '/unreadable'));
		expect(page).to.include('127.0.0.1').and.include('ERR_MM7_').and.include('000000  3c 00 ff 0d 0a');
		const answer = await get(await link(/unreadable\.txt[^"]+/, await link(/unreadable-request[^"]+/, '/unreadable')));
		expect(answer.headers.get('content-disposition')).to.match(/^attachment; filename=.?unreadable-\d+\.txt.?$/);
		expect(answer.headers.get('content-type')).to.equal('application/octet-stream');
		const file = Buffer.from(await answer.arrayBuffer());
		expect(file.toString('latin1')).to.match(
			/^Received: 20\S+Z\r\nFrom: \S*127\.0\.0\.1\r\nRefused: .+ \(ERR_MM7_\w+\)\r\n/,
		);
		expect(file.subarray(-5).equals(body)).to.equal(true);
	});

	describe('as CSV', () => {
		it('give what the filters show, all of it, with times in UTC', async () => {
			for (let n = 0; n < 3; n++)
				await send({ messageId: `a${n}`, mmStatus: 'Expired', statusText: 'Too "late", twice' });
			await send({ messageId: 'b' });
			const answer = await get('/messages.csv?state=failed');
			expect(answer.headers.get('content-type')).to.match(/^text\/csv/);
			expect(answer.headers.get('content-disposition')).to.match(
				/^attachment; filename=.?messages-\d{4}-\d\d-\d\d\.csv.?$/,
			);
			const lines = Buffer.from(await answer.arrayBuffer())
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

		it('make formulas harmless, whichever separator the spreadsheet uses', async () => {
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

		it('leave other text alone', async () => {
			const statusText = 'Expired - 5 = 3 + 2 days; a@example.net, 2026-03-16';
			await send({ messageId: 'm-1', statusText });
			expect(await text('/messages.csv'))
				.to.include(`"m-1","12015550123"`)
				.and.include(`"${statusText}"`);
		});

		it('are read page by page, no faster than they are taken', async () => {
			let readings = 0;
			const sample = {
				key: 'k',
				reportId: '1',
				at: new Date(),
				state: 'failed',
				messageId: 'x'.repeat(200),
				statusText: 'x'.repeat(200),
			};
			const endless: Database = {
				...database,
				async query<Row extends object>() {
					readings++;
					return Array.from({ length: 500 }, () => sample) as unknown as Row[];
				},
			};
			await inbox.close();
			inbox = await serveInbox(endless);
			const left = new AbortController();
			const answer = await fetch(`${inbox.url}/messages.csv`, { headers: inbox.bearer, signal: left.signal });
			const reader = answer.body?.getReader();
			await reader?.read();
			// until the reader is waited for
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
