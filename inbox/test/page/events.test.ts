import { expect } from 'chai';
import { makeLogger } from '../../lib/log.js';
import type { Database } from '../../lib/store/database.js';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { reportXml, sendReport } from '../support/report-request.js';
import { type ServedInbox, serveInbox } from '../support/serve.js';
import { clear, openTemporaryDatabase, START_TIMEOUT_MS } from '../support/temporary-database.js';

describe('the events on the pages', () => {
	let database: Database;
	let application: Application;
	let inbox: ServedInbox;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await openTemporaryDatabase();
	});
	beforeEach(async () => {
		await clear(database);
		application = await Application.start();
	});
	afterEach(async () => {
		await inbox.close();
		await application.close();
	});
	after(() => database?.close());

	const start = async (env: Record<string, string> = application.env) => {
		inbox = await serveInbox(database, env, makeLogger('silent'));
	};
	const page = async (path: string) => (await fetch(`${inbox.url}/${path}`, { headers: inbox.bearer })).text();
	const metric = async (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(await page('metrics'))?.[1];

	/** Sends a report, and returns the path of the message's page once the application has responded. */
	async function report(mmStatus: string): Promise<string> {
		const before = application.events.length;
		await sendReport(inbox.url, reportXml({ messageId: 'm1', mmStatus }));
		await eventually('the event', () => application.events.length > before);
		const path = `message?key=${application.events.at(-1)?.data['id']}`;
		await eventually('its outcome', async () => (await page(path)).includes(' ms</td>'));
		return path;
	}

	/** Submits the form of the page, as a browser does, without following the redirect. */
	function sendAgain(path: string, headers: Record<string, string> = {}): Promise<Response> {
		const url = `${inbox.url}/${path.replace('message', 'send-again')}`;
		return fetch(url, { method: 'POST', redirect: 'manual', headers: { ...inbox.bearer, ...headers } });
	}

	it('are shown with their attempts, and can be sent again', async () => {
		await start();
		application.respond = (_event, res) => res.writeHead(201).end('<saved>');
		const path = await report('Retrieved');
		const html = await page(path);
		expect(html)
			.to.include('message.updated')
			.and.include('>201<')
			.and.include('&lt;saved&gt;')
			.and.include('Accepted');
		expect(html).to.include(`action="${path.replace('message', 'send-again')}"`);
		const { status, headers } = await sendAgain(path, { 'Sec-Fetch-Site': 'same-origin' });
		expect([status, headers.get('location')]).to.deep.equal([303, `./${path}`]);
		await eventually('the second event', () => application.events.length === 2);
		expect(application.statesOf('m1')).to.deep.equal(['delivered', 'delivered']);
		const zoned = `${path}&tz=Asia/Tokyo`;
		expect(await page(zoned)).to.include(`action="${zoned.replace('message', 'send-again').replace('&', '&amp;')}"`);
		expect((await sendAgain(zoned)).headers.get('location')).to.equal(`./${zoned}`);
	});

	it('show what is waiting, also in the metrics', async () => {
		await start();
		application.respond = (_event, res) => res.writeHead(503).end();
		expect(await page(await report('Retrieved')))
			.to.include('Next attempt')
			.and.include('>503<');
		expect(await metric('mm7_forward_pending')).to.equal('1');
		expect(Number(await metric('mm7_forward_oldest_pending_seconds'))).to.be.within(0.001, 10);
		expect(await metric('mm7_forward_failed_total')).to.equal('0');
	});

	it('announce one that was given up until its message is sent again', async () => {
		await start();
		application.respond = (_event, res) => res.writeHead(410).end();
		const path = await report('Retrieved');
		expect(await page(path)).to.include('The inbox gave up');
		expect(await page(''))
			.to.include('1 event was not accepted by your application')
			.and.include(`href="${path}"`);
		expect(await metric('mm7_forward_failed_total')).to.equal('1');
		expect(await metric('mm7_forward_pending')).to.equal('0');
		application.respond = undefined;
		await sendAgain(path);
		await eventually('the second event', () => application.events.length === 2);
		expect(await page('')).not.to.include('not accepted by your application');
		expect(await page(path)).to.include('not retried any more');
	});

	it('are sent again only for a page of this inbox, with access to it', async () => {
		await start();
		const path = await report('Retrieved');
		expect((await sendAgain(path, { 'Sec-Fetch-Site': 'cross-site' })).status).to.equal(403);
		expect((await sendAgain(path, { Origin: 'https://example.com' })).status).to.equal(403);
		expect((await sendAgain(path, { Authorization: '' })).status).to.equal(401);
		expect((await sendAgain('message?key=unknown')).status).to.equal(404);
		expect(application.events).to.have.lengthOf(1);
	});

	it('are not mentioned while forwarding is off', async () => {
		await start({ FORWARD_URL: 'off' });
		await sendReport(inbox.url, reportXml({ messageId: 'm1' }));
		const [message] = await database.query<{ key: string }>('SELECT key FROM messages');
		expect(await page(`message?key=${message?.key}`))
			.to.include('m1')
			.and.not.include('Events for your application');
		expect((await sendAgain(`message?key=${message?.key}`)).status).to.equal(404);
	});
});
