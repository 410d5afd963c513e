import { expect } from 'chai';
import { makeInbox } from '../../lib/app.js';
import { readConfig } from '../../lib/config.js';
import { makeLogger } from '../../lib/log.js';
import type { Database } from '../../lib/store/database.js';
import { type ServedInbox, serve, serveInbox } from '../support/serve.js';
import { clear, openTemporaryDatabase, START_TIMEOUT_MS } from '../support/temporary-database.js';

describe('the test report', () => {
	let database: Database;
	let inbox: ServedInbox;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await openTemporaryDatabase();
	});
	beforeEach(() => clear(database));
	afterEach(() => inbox?.close());
	after(() => database?.close());

	/** Submits the form of the page, as a browser does, without following the redirect. */
	function submit(headers: Record<string, string> = {}): Promise<Response> {
		const sent = { ...inbox.bearer, ...headers };
		return fetch(`${inbox.url}/test-report`, { method: 'POST', redirect: 'manual', headers: sent });
	}

	const count = async () => (await database.query('SELECT id FROM reports')).length;
	const page = async () => (await fetch(inbox.url, { headers: inbox.bearer })).text();

	it("is like the provider's reports, and uses its credentials", async () => {
		inbox = await serveInbox(database, { MM7_USER: 'sinch', MM7_PASSWORD: 'secret' });
		expect(await page()).to.include('action="test-report"');
		for (const number of [1, 2]) {
			const { status, headers } = await submit({ 'Sec-Fetch-Site': 'same-origin' });
			expect([status, headers.get('location')]).to.deep.equal([303, '.']);
			expect(await count()).to.equal(number);
		}
	});

	it('returns to the list in the chosen zone', async () => {
		inbox = await serveInbox(database);
		const html = await (await fetch(`${inbox.url}/?tz=Asia/Tokyo`, { headers: inbox.bearer })).text();
		const [, action = ''] = /action="(test-report[^"]*)"/.exec(html) ?? [];
		const init = { method: 'POST', redirect: 'manual', headers: inbox.bearer } as const;
		const { headers } = await fetch(`${inbox.url}/${action}`, init);
		expect(headers.get('location')).to.equal('.?tz=Asia/Tokyo');
	});

	it('explains that it was not accepted', async () => {
		const write: Database['write'] = () => Promise.reject(new Error('gone'));
		inbox = await serveInbox({ ...database, write });
		const response = await submit();
		expect(response.status).to.equal(502);
		expect(await response.text()).to.include('HTTP 500 and StatusCode 4006');
	});

	it('is not sent without access to the page', async () => {
		inbox = await serveInbox(database);
		expect((await submit({ Authorization: '' })).status).to.equal(401);
		expect(await count()).to.equal(0);
	});

	for (const [name, headers, status] of [
		['a page of another site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
		['a page of another site, in an older browser', { Origin: 'https://example.com' }, 403],
		['a page of an unknown site, in an older browser', { Origin: 'null' }, 403],
		['the page over plain HTTP', { Origin: 'HOST' }, 303],
	] as const) {
		it(`gets ${status} from ${name}`, async () => {
			inbox = await serveInbox(database);
			const sent = Object.entries(headers).map(([header, value]) => [header, value.replace('HOST', inbox.url)]);
			expect((await submit(Object.fromEntries(sent))).status).to.equal(status);
			expect(await count()).to.equal(status === 303 ? 1 : 0);
		});
	}

	it('is not offered if its own address might not be allowed to send reports', async () => {
		inbox = await serveInbox(database, { MM7_ALLOW_FROM: '192.0.2.7' });
		expect(await page())
			.to.include('No reports yet')
			.and.not.include('test-report');
		expect((await submit()).status).to.equal(404);
	});

	it('is not offered by a process that only shows reports, which does not know the URL for the provider', async () => {
		const { app, pagePath, endStreams, finished } = makeInbox(
			readConfig({}),
			{ role: 'page', database },
			makeLogger('silent'),
		);
		const served = await serve(app, endStreams);
		try {
			const headers = { Authorization: `Bearer ${pagePath.split('=')[1]}` };
			const text = await (await fetch(served.url, { headers })).text();
			expect(text)
				.to.include('https://RECEIVER/mm7')
				.and.not.include('test-report')
				.and.not.include(`${served.url}/mm7`);
		} finally {
			await served.close();
			await finished();
		}
	});
});
