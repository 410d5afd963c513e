import { expect } from 'chai';
import { makeLogger } from '../../lib/log.js';
import type { Database } from '../../lib/store/database.js';
import { refusedQueries } from '../../lib/store/read/refused.js';
import { RefusalRepository, type RefusedRequest } from '../../lib/store/refusal-repository.js';
import { eventually } from '../support/eventually.js';
import { refusalsOf, refusedRequest } from '../support/refusals.js';
import { readReplyXml, reportXml, sendReport } from '../support/report-request.js';
import { sendBytes } from '../support/send-bytes.js';
import { LogLines, type ServedInbox, serveInbox } from '../support/serve.js';
import { storedReports, storedXml } from '../support/stored-reports.js';
import { clear, openTemporaryDatabase, START_TIMEOUT_MS } from '../support/temporary-database.js';
import { EventStream } from './event-stream.js';

const BASIC = (user: string, password: string) => ({
	Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

describe('refused requests', function () {
	this.timeout(START_TIMEOUT_MS);
	let database: Database;
	let inbox: ServedInbox | undefined;

	before(async () => {
		database = await openTemporaryDatabase();
	});
	beforeEach(() => clear(database));
	afterEach(() => inbox?.close());
	after(() => database?.close());

	const get = async (path: string) => (await fetch(`${inbox?.url}${path}`, { headers: { ...inbox?.bearer } })).text();
	const post = (path: string, headers: Record<string, string> = {}) =>
		fetch(`${inbox?.url}${path}`, { method: 'POST', headers: { ...inbox?.bearer, ...headers } });
	const sums = () => refusedQueries(database).sums(new Date(Date.now() - 3_600_000));
	const list = () => refusedQueries(database).list(100);
	/** Stops the inbox, which writes what is in memory. */
	async function stop(): Promise<void> {
		await inbox?.close();
		inbox = undefined;
	}

	it('are announced to all pages, with reason and address, while they go on', async () => {
		inbox = await serveInbox(database, { MM7_USER: 'sinch', MM7_PASSWORD: 'secret' });
		const page = new EventStream(inbox.url, inbox.bearer);
		for (let n = 0; n < 50; n++) {
			expect((await sendReport(inbox.url, reportXml(), BASIC('sinch', 'wrong'))).httpStatus).to.equal(401);
		}
		const { refused } = await page.next((pulse) => pulse.refused?.total === 50);
		page.close();
		expect(refused?.now).to.have.lengthOf(1);
		expect(refused?.now[0]).to.deep.include({
			reason: 'ERR_MM7_UNAUTHORIZED',
			title: 'User name or password is missing or wrong',
			count: 50,
			peer: '127.0.0.1',
			peers: 1,
		});
		expect(await get('/refused'))
			.to.include('User name or password is missing or wrong')
			.and.include('>now<')
			.and.include('At most 50 in one hour');
	});

	it('are those without credentials only if they are not repeated with them', async () => {
		inbox = await serveInbox(database, { MM7_USER: 'sinch', MM7_PASSWORD: 'secret' });
		for (let n = 0; n < 3; n++) {
			expect((await sendReport(inbox.url, reportXml())).httpStatus).to.equal(401);
			expect((await sendReport(inbox.url, reportXml(), BASIC('sinch', 'secret'))).httpStatus).to.equal(200);
		}
		await sendReport(inbox.url, reportXml());
		await sendReport(inbox.url, reportXml(), BASIC('sinch', 'wrong'));
		expect((await sendReport(inbox.url, reportXml())).httpStatus).to.equal(401);
		await stop();
		expect((await sums()).map(({ count }) => count)).to.deep.equal([2]);
	});

	it('are counted for each reason, with method, path and response', async () => {
		inbox = await serveInbox(database, { MM7_ALLOW_FROM: '127.0.0.1, 192.0.2.7', TRUST_PROXY: 'loopback' });
		const { url } = inbox;
		await sendReport(url, '<broken>');
		await sendReport(url, reportXml(), { 'X-Forwarded-For': '198.51.100.7' });
		await sendReport(url, new Uint8Array(2 * 1024 * 1024));
		await (await fetch(`${url}/mm7/vibes`)).text();
		const wrong = { method: 'POST', body: '<a/>', headers: { 'Content-Type': 'text/xml' } };
		await (await fetch(`${url}/mms/dlr?secret=1`, wrong)).text();
		await (await fetch(`${url}/login`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) })).text();
		await sendBytes(url, 'POST /mm7 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxx\r\n');
		await sendBytes(url, 'POST /mm7 HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
		await stop();
		const messages = (await list()).map(({ message }) => message);
		expect(messages.join('\n')).to.include('not well-formed XML').and.not.include('docs/errors.md');
		const kept = (await list()).map(({ reason, peer, provider, method, path, httpStatus }) =>
			[reason, peer, provider, method, path, httpStatus].join(' '),
		);
		expect(kept).to.have.members([
			'ERR_MM7_XML 127.0.0.1 default POST /mm7 500',
			'ERR_MM7_FORBIDDEN 198.51.100.7 default POST /mm7 403',
			'ERR_MM7_BODY_TOO_LARGE 127.0.0.1 default POST /mm7 413',
			'ERR_MM7_METHOD_NOT_ALLOWED 127.0.0.1 default GET /mm7/vibes 405',
			'WRONG_PATH 127.0.0.1  POST /mms/dlr 404',
			'NOT_FOUND 127.0.0.1  POST /login 404',
			'HPE_INVALID_CHUNK_SIZE 127.0.0.1    400',
			'HOST_MISSING 127.0.0.1  POST /mm7 400',
		]);
		expect((await sums()).map(({ reason, count }) => `${reason} ${count}`)).to.have.lengthOf(kept.length);
	});

	it('include reports that could not be stored, once the database is back', async () => {
		let isDown = true;
		const write: Database['write'] = (...statements) =>
			isDown ? Promise.reject(new Error('gone')) : database.write(...statements);
		inbox = await serveInbox({ ...database, write });
		const xml = reportXml();
		expect(await sendReport(inbox.url, xml)).to.deep.equal({ httpStatus: 500, statusCode: 4006 });
		isDown = false;
		await eventually('the refusal', async () => (await list()).length === 1);
		const [{ id = '', reason } = {}] = await list();
		expect(reason).to.equal('ERR_MM7_HANDLER_FAILED');
		expect(await (await post(`/read-again?id=${id}`)).text()).to.include('1 request became a report');
		expect(await storedXml(database)).to.deep.equal([xml]);
	});

	it('keep their headers without credentials', async () => {
		inbox = await serveInbox(database);
		const headers = { ...BASIC('a', 'b'), Cookie: 'a=b', 'Proxy-Authorization': 'Basic x', 'X-Operator': '7' };
		await sendReport(inbox.url, '<broken>', headers);
		await stop();
		const [request] = await refusedQueries(database).listWhole(1);
		expect(request?.headers)
			.to.include({ 'x-operator': '7' })
			.and.not.have.any.keys('authorization', 'cookie', 'proxy-authorization');
	});

	describe('with another operation', () => {
		const mms = () => reportXml().replaceAll('DeliveryReportReq', 'DeliverReq');

		it('are refused by default', async () => {
			inbox = await serveInbox(database);
			expect(await sendReport(inbox.url, mms())).to.deep.equal({ httpStatus: 500, statusCode: 4003 });
			await stop();
			expect((await list())[0]).to.include({ reason: 'ERR_MM7_OPERATION' });
		});

		it('are acknowledged and listed if OTHER_OPERATIONS says so', async () => {
			const output = new LogLines();
			inbox = await serveInbox(database, { OTHER_OPERATIONS: 'accept' }, makeLogger('info', output));
			expect(await sendReport(inbox.url, mms())).to.deep.equal({ httpStatus: 200, statusCode: 1000 });
			await stop();
			expect((await list())[0]).to.include({ reason: 'OTHER_OPERATION', message: 'DeliverReq', httpStatus: 200 });
			expect((await refusedQueries(database).current()).total).to.equal(0);
			expect(output.lines.join('')).to.include('other operation acknowledged');
		});
	});

	describe('that can be read today', () => {
		const receivedAt = new Date('2026-03-16T12:00:00.000Z');
		const xml = reportXml({ messageId: 'later' });
		const readable = (body = xml, reason = 'ERR_MM7_SOAP_TOO_LARGE') =>
			refusedRequest({ body: Buffer.from(body), receivedAt, reason });
		const store = (...requests: RefusedRequest[]) => new RefusalRepository(database).add(refusalsOf(...requests));

		async function start(): Promise<void> {
			inbox = await serveInbox(database);
		}

		it('become reports with their arrival time, one at a time', async () => {
			await store(readable(), readable('<broken>', 'ERR_MM7_XML'));
			await start();
			const [broken, request] = await list();
			expect(await get(`/refused-request?id=${request?.id}`)).to.include('It can be read');
			expect(await get(`/refused-request?id=${broken?.id}`)).to.include('It is still refused');
			expect(await (await post(`/read-again?id=${request?.id}`)).text()).to.include('1 request became a report');
			expect(await (await post(`/read-again?id=${broken?.id}`)).text()).to.include('1 still refused');
			expect((await storedReports(database)).map(({ messageId }) => messageId)).to.deep.equal(['later']);
			expect(await storedXml(database)).to.deep.equal([xml]);
			const [row] = await database.query<{ at: string }>('SELECT received_at AS at FROM reports');
			expect(new Date(row?.at ?? 0)).to.deep.equal(receivedAt);
			expect((await list()).map(({ id }) => id)).to.deep.equal([broken?.id]);
		});

		it('become reports all at once, by reason', async () => {
			const many = Array.from({ length: 50 }, (_, n) => readable(reportXml({ messageId: `m${n}` })));
			await store(...many, readable(readReplyXml()), readable('<broken>'), readable(xml, 'ERR_MM7_MIME'));
			await start();
			const text = await (await post('/read-again?reason=ERR_MM7_SOAP_TOO_LARGE')).text();
			expect(text).to.include('51 requests became reports').and.include('1 still refused').and.include('ERR_MM7_XML');
			expect(await storedReports(database)).to.have.lengthOf(51);
			expect(await list()).to.have.lengthOf(2);
		});

		it('never become a report twice', async () => {
			await store(readable(), readable());
			await start();
			await sendReport(inbox?.url ?? '', xml);
			const again = () => post('/read-again?reason=ERR_MM7_SOAP_TOO_LARGE').then((response) => response.text());
			const texts = await Promise.all([again(), again()]);
			expect(texts.join('')).to.include('had already become reports').and.not.include('1 request became');
			expect(await again()).to.include('0 requests became reports');
			expect(await storedReports(database)).to.have.lengthOf(1);
			expect(await list()).to.deep.equal([]);
		});

		it('belong to the provider that sent them', async () => {
			await store({ ...readable(), provider: 'vibes' });
			await start();
			await post('/read-again?reason=ERR_MM7_SOAP_TOO_LARGE');
			expect(await database.query('SELECT provider FROM reports')).to.deep.equal([{ provider: 'vibes' }]);
		});

		it('keep their numbers when they are read again, even if MASK_NUMBERS hides these', async () => {
			await store(readable());
			inbox = await serveInbox(database, { MASK_NUMBERS: 'true' });
			expect(await (await post('/read-again?reason=ERR_MM7_SOAP_TOO_LARGE')).text()).to.include('1 request became');
			expect(await storedXml(database)).to.deep.equal([xml]);
		});

		it('are not read if only the beginning of the body is kept', async () => {
			const body = Buffer.from(xml.replace('<?xml', `<!--${'x'.repeat(70_000)}--><?xml`));
			await store(refusedRequest({ body }));
			await start();
			expect(await (await post('/read-again?reason=ERR_MM7_XML')).text()).to.include('or only its beginning');
		});

		it('are read again only by a form of the page, with access to it', async () => {
			await store(readable());
			await start();
			const path = '/read-again?reason=ERR_MM7_SOAP_TOO_LARGE';
			expect((await post(path, { Authorization: '' })).status).to.equal(401);
			expect((await post(path, { 'Sec-Fetch-Site': 'cross-site' })).status).to.equal(403);
			expect((await post(path, { Origin: 'https://example.com' })).status).to.equal(403);
			expect(await storedReports(database)).to.deep.equal([]);
		});

		it('are mentioned in the log at startup, unless it was this inbox that failed', async () => {
			await store(readable(), readable('<broken>'), readable(xml, 'ERR_MM7_HANDLER_FAILED'));
			const output = new LogLines();
			inbox = await serveInbox(database, {}, makeLogger('info', output));
			await eventually('the line', () => output.lines.length > 0);
			const [line = ''] = output.lines;
			expect(JSON.parse(line)).to.include({ readable: 1, tried: 2 });
			expect(line).to.include('can be read now');
		});
	});
});
