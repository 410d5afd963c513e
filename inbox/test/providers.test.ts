import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { makeLogger } from '../lib/log.js';
import type { Database } from '../lib/store/database.js';
import { reportXml, sendReport } from './support/report-request.js';
import { LogLines, type ServedInbox, serveInbox } from './support/serve.js';
import { clear, openTemporaryDatabase, START_TIMEOUT_MS } from './support/temporary-database.js';

const SIMULATOR = path.join(__dirname, '../../dist/provider/bin.js');
const ENV = {
	PROVIDERS: 'sinch,vibes',
	MM7_SINCH_USER: 'one',
	MM7_SINCH_PASSWORD: 'secret',
	MM7_SINCH_DATE_IS_SUBMISSION: 'true',
	MM7_VIBES_USER: 'two',
	MM7_VIBES_PASSWORD: 'hidden',
	MM7_ALLOW_FROM: '192.0.2.7',
};

describe('an inbox with several providers', function () {
	this.timeout(START_TIMEOUT_MS);
	let database: Database;
	let inbox: ServedInbox;
	let log: LogLines;

	before(async () => {
		database = await openTemporaryDatabase();
		log = new LogLines();
		inbox = await serveInbox(database, ENV, makeLogger('info', log));
	});
	beforeEach(() => clear(database));
	after(async () => {
		await inbox?.close();
		await database?.close();
	});

	async function simulate(provider: string, user: string): Promise<void> {
		const args = [`${inbox.url}/mm7/${provider}`, '--user', user, '--count', '20', '--seed', '7', '--strict'];
		await promisify(execFile)(process.execPath, [SIMULATOR, 'simulate', ...args]);
	}

	const basic = (user: string) => ({ Authorization: `Basic ${Buffer.from(user).toString('base64')}` });

	it('keeps messages with the same MessageIDs apart, and counts each provider', async () => {
		await Promise.all([simulate('sinch', 'one:secret'), simulate('vibes', 'two:hidden')]);
		const messages = await database.query(
			`SELECT provider, count(*) AS messages, count(DISTINCT message_id) AS ids, count(submitted_at) AS submitted
			FROM messages WHERE state = 'delivered' GROUP BY provider ORDER BY provider`,
		);
		expect(messages).to.deep.equal([
			{ provider: 'sinch', messages: 20, ids: 20, submitted: 20 },
			{ provider: 'vibes', messages: 20, ids: 20, submitted: 0 },
		]);
		const [{ key } = { key: '' }] = await database.query<{ key: string }>(
			`SELECT key FROM messages WHERE provider = 'vibes' LIMIT 1`,
		);
		const page = await (await fetch(`${inbox.url}/message?key=${key}`, { headers: inbox.bearer })).text();
		expect(page)
			.to.match(/>Provider<.*vibes/)
			.and.not.to.include('Other recipients');
		const metrics = await (await fetch(`${inbox.url}/metrics`, { headers: inbox.bearer })).text();
		for (const provider of ['sinch', 'vibes']) {
			expect(metrics).to.include(`mm7_reports_total{state="delivered",outcome="current",provider="${provider}"} 20\n`);
		}
		expect(log.lines.some((line) => JSON.parse(line).provider === 'vibes')).to.equal(true);
	});

	it('requires the credentials and the address of that provider', async () => {
		const send = async (name: string, headers?: Record<string, string>) =>
			(await sendReport(inbox.url, reportXml(), headers, name)).httpStatus;
		expect(await send('/mm7/sinch')).to.equal(401);
		expect(await send('/mm7/sinch', basic('two:hidden'))).to.equal(401);
		expect(await send('/mm7/sinch', basic('one:secret'))).to.equal(200);
		expect(await send('/mm7/vibes/', basic('two:hidden'))).to.equal(200);
		expect(await send('/mm7', basic('one:secret'))).to.equal(403);
	});

	it('has no other paths', async () => {
		for (const name of ['/mm7/other', '/mm7/sinch/other', '/mm7/Sinch', '/mm7/default']) {
			expect((await fetch(inbox.url + name, { method: 'POST', body: reportXml() })).status, name).to.equal(404);
		}
		const text = await (await fetch(`${inbox.url}/mm7/other`, { method: 'POST' })).text();
		expect(text).to.include('received at /mm7 or /mm7/sinch or /mm7/vibes');
	});

	it('keeps refused requests with their provider', async () => {
		await sendReport(inbox.url, '<broken>', basic('one:secret'), '/mm7/sinch');
		await inbox.close();
		expect(
			await database.query('SELECT provider FROM refused_requests WHERE reason = $1', ['ERR_MM7_XML']),
		).to.deep.equal([{ provider: 'sinch' }]);
		inbox = await serveInbox(database, ENV);
	});
});
