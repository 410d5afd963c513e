import { expect } from 'chai';
import { makeLogger } from '../../lib/log.js';
import type { Database } from '../../lib/store/database.js';
import { reportXml, sendReport } from '../support/report-request.js';
import { LogLines, type ServedInbox, serveInbox } from '../support/serve.js';
import { storedXml } from '../support/stored-reports.js';
import { openTemporaryDatabase, START_TIMEOUT_MS } from '../support/temporary-database.js';

describe('the page that erases a number', () => {
	let database: Database;
	let inbox: ServedInbox;
	const log = new LogLines();
	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await openTemporaryDatabase();
		inbox = await serveInbox(database, {}, makeLogger('info', log));
		await sendReport(inbox.url, reportXml({ recipient: '12015550123' }));
	});
	after(async () => {
		await inbox?.close();
		await database?.close();
	});

	function post(fields: Record<string, string>, headers: Record<string, string> = inbox.bearer): Promise<Response> {
		return fetch(`${inbox.url}/erase`, { method: 'POST', headers, body: new URLSearchParams(fields) });
	}

	it('needs access, and a form on the same site', async () => {
		const fields = { number: '12015550123', confirmed: 'true' };
		expect((await post(fields, {})).status).to.equal(401);
		expect((await post(fields, { ...inbox.bearer, Origin: 'https://example.net' })).status).to.equal(403);
		expect((await post(fields, { ...inbox.bearer, 'Sec-Fetch-Site': 'cross-site' })).status).to.equal(403);
		for (const wrong of [{}, { number: '54321' }, { number: '' }, { number: '1'.repeat(5_000) }])
			expect((await post(wrong)).status).to.equal(400);
		expect((await storedXml(database))[0]).to.include('12015550123');
	});

	it('keeps the zone in the addresses of its forms, so the browser shows the response', async () => {
		const form = await fetch(`${inbox.url}/erase?tz=Asia/Tokyo`, { headers: inbox.bearer });
		expect(await form.text()).to.include('action="erase?tz=Asia/Tokyo"');
		const found = await fetch(`${inbox.url}/erase?tz=Asia/Tokyo`, {
			...{ method: 'POST', headers: inbox.bearer },
			body: new URLSearchParams({ number: '12015550123' }),
		});
		expect(await found.text())
			.to.include('action="erase?tz=Asia/Tokyo"')
			.and.include('Erase it');
	});

	it('erases only what is confirmed, and logs how much', async () => {
		expect(await (await post({ number: '+1 201 555 0123' })).text()).to.include('1 message and 1 report lose it');
		expect((await storedXml(database))[0]).to.include('12015550123');
		const response = await post({ number: '+1 201 555 0123', confirmed: 'true' });
		expect(await response.text())
			.to.include('Erased.')
			.and.include('1 message and 1 report lose it');
		expect(await storedXml(database)).to.deep.equal(['']);
		const line = log.lines.find((text) => text.includes('a number was erased')) ?? '';
		expect(JSON.parse(line)).to.include({ messages: 1, reports: 1, refused: 0 });
		expect(line).not.to.include('0123');
		expect(await (await post({ number: '12015550123' })).text()).to.include('Nothing contains');
	});
});
