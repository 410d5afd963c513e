import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import { readXlsx } from 'hucre/xlsx';
import { parseReadReply } from 'mm7-delivery-reports';
import { makeLogger } from '../lib/log.js';
import type { Database } from '../lib/store/database.js';
import { maskAddress, maskNumbers, maskText } from '../lib/store/masking.js';
import { findMessages } from '../lib/store/read/find-messages.js';
import { ReportRepository } from '../lib/store/report-repository.js';
import { API_TOKEN, ApiClient } from './support/api-client.js';
import { eventually } from './support/eventually.js';
import { readReplyXml, report, reportXml, sendReport } from './support/report-request.js';
import { LogLines, type ServedInbox, serveInbox } from './support/serve.js';
import { openTemporaryDatabase, START_TIMEOUT_MS } from './support/temporary-database.js';

const NUMBER = '12015556342';
const SENDER = '447700906342';
const ADDRESS = 'joe.bloggs@example.net';
const ENCODED = Buffer.from(`<Number>${NUMBER}</Number><RFC2822Address>${ADDRESS}</RFC2822Address>`).toString('base64');
const ANYWHERE = new RegExp(
	String.raw`201[ ().-]*555[ ().-]*6342|7700[ ]?90[ ]?6342|2\0?0\0?1\0?5\0?5\0?5|bloggs|${ENCODED.slice(0, 30)}`,
);

describe('with MASK_NUMBERS', () => {
	let database: Database;
	let inbox: ServedInbox;
	let application: Server;
	let api: ApiClient;
	const events: string[] = [];
	const log = new LogLines();

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		application = createServer(async (req, res) => {
			for await (const chunk of req) events.push(String(chunk));
			// JSON escapes the control character, so that digits precede the number
			res.end(`got \u0001${NUMBER} for\n${ADDRESS}`);
		});
		await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
		const { port } = application.address() as { port: number };
		database = await openTemporaryDatabase();
		const env = {
			...{ MASK_NUMBERS: 'true', API_TOKEN, OVERDUE_AFTER: '1h' },
			FORWARD_URL: `http://127.0.0.1:${port}/`,
			FORWARD_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
		};
		inbox = await serveInbox(database, env, makeLogger('info', log));
		api = new ApiClient(inbox.url);
		const texts = {
			...{ statusText: `+1 (201) 555-6342 is off`, mmStatusExtension: `${NUMBER} of ${ADDRESS}` },
			...{ auxApplicInfo: NUMBER, extensions: { To: NUMBER, Cc: `me\n${ADDRESS}` } },
		};
		await sendReport(inbox.url, reportXml({ messageId: 'a', recipient: `+${NUMBER}`, sender: SENDER, ...texts }));
		await sendReport(inbox.url, reportXml({ messageId: 'a', recipient: `+1 (201) 555-6342`, mmStatus: 'Expired' }));
		await sendReport(inbox.url, reportXml({ messageId: 'a', recipient: '12015550000' }));
		const mail = { kind: 'RFC2822Address', address: ADDRESS } as const;
		const unknown = { mmStatus: 'Rejected', statusText: `${ADDRESS} is unknown` };
		await sendReport(inbox.url, reportXml({ messageId: 'mail', recipient: mail, sender: mail, ...unknown }));
		const submission = { recipients: [NUMBER, ADDRESS], sender: SENDER, submittedAt: new Date(Date.now() - 7_200_000) };
		await api.put('submitted', submission);
		const xml = readReplyXml({ messageId: 'a', recipient: NUMBER });
		await new ReportRepository(database).store(await parseReadReply(xml, { 'content-type': 'text/xml' }), { xml });
		await sendReport(inbox.url, `<broken>${NUMBER}`);
		await sendReport(inbox.url, Buffer.from(`<broken>+1 201-555-6342 ${ADDRESS}`, 'utf16le'));
		const part = `--b\r\nContent-Type: text/xml\r\nContent-Transfer-Encoding: base64\r\n\r\n${ENCODED}\r\n--b--\r\n`;
		const headers = { 'Content-Type': 'multipart/related; boundary=b', 'X-To': `${NUMBER} ${ADDRESS}` };
		await sendReport(inbox.url, part, headers, `/mm7/${NUMBER}`);
		const refused = async () => (await api.get('/refused')).json.requests;
		await eventually('the refused requests', async () => (await refused()).length === 3);
	});
	after(async () => {
		await inbox?.close();
		application?.close();
		await database?.close();
	});

	async function bytes(path: string): Promise<Buffer> {
		const response = await fetch(inbox.url + path, { headers: inbox.bearer });
		expect(response.status, path).to.equal(200);
		return Buffer.from(await response.arrayBuffer());
	}

	const get = async (path: string) => (await bytes(path)).toString('latin1');

	/** Follows the links of all pages, up to ten of each kind. */
	async function crawl(): Promise<Map<string, string>> {
		const pages = new Map<string, string>();
		const kinds = new Map<string, number>();
		const paths = ['/', '/statistics', '/refused', '/messages.csv'];
		for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
			if (pages.has(path)) continue;
			const text = await get(path);
			pages.set(path, text);
			for (const [, href = ''] of text.matchAll(/href="([^"#]*)/g)) {
				const next = `/${href.replaceAll('&amp;', '&').replace(/^\.?\/?/, '')}`;
				if (pages.has(next) || /^\/(zone|events|\/|style|icon)|:\/\/|messages\.xlsx/.test(next)) continue;
				const [kind = ''] = next.split('?');
				const count = kinds.get(kind) ?? 0;
				if (count < 10) paths.push(next);
				kinds.set(kind, count + 1);
			}
		}
		return pages;
	}

	it('sends no number to the application, and does not show its responses', async () => {
		await eventually('an event of each type', () =>
			['updated', 'read', 'overdue'].every((type) => events.some((event) => event.includes(`message.${type}`))),
		);
		expect(events.join()).not.to.match(ANYWHERE);
		const recipients = events.map((event) => JSON.parse(event).data.recipient);
		expect(new Set(recipients)).to.deep.equal(new Set(['…6342', '…0000', '…@example.net']));
	}).timeout(START_TIMEOUT_MS);

	it('responds with no number to any question of the API', async () => {
		const { json: list } = await api.get('/messages');
		const stories = list.messages.map(({ id }: { id: string }) => `/messages/${id}`);
		const paths = ['/messages', ...stories, '/messages?overdue=no-report', '/refused', '/choices', '/statistics'];
		for (const path of paths) {
			const { status, json } = await api.get(path);
			expect(status, path).to.equal(200);
			expect(JSON.stringify(json), path).not.to.match(ANYWHERE);
		}
		expect(stories).to.have.lengthOf(5);
		const [{ id }] = (await api.get(`/messages?messageId=a&recipient=${NUMBER}`)).json.messages;
		const story = async () => (await api.get(`/messages/${id}`)).json;
		const isTried = ({ attempts }: { attempts: unknown[] }) => attempts.length > 0;
		await eventually('the attempts', async () => (await story()).events.every(isTried));
		const { reports, events } = await story();
		expect(reports[0]).to.include({ statusText: '…6342 is off', mmStatusExtension: '…6342 of …@example.net' });
		expect(events[0].attempts[0].response).to.equal('got \u0001…6342 for\n…@example.net');
	}).timeout(START_TIMEOUT_MS);

	it('finds messages by complete numbers and addresses in the API', async () => {
		for (const [query, ids] of Object.entries({
			[`q=${NUMBER}`]: ['a', 'submitted'],
			[`recipient=${encodeURIComponent('+1 (201) 555-6342')}`]: ['a', 'submitted'],
			[`sender=${SENDER}`]: ['a', 'submitted', 'submitted'],
			[`q=${ADDRESS}`]: ['mail', 'submitted'],
		})) {
			const { json } = await api.get(`/messages?${query}`);
			const found = json.messages.map(({ messageId }: { messageId: string }) => messageId);
			expect(found.sort(), query).to.deep.equal(ids);
		}
	});

	it('repeats no number in an error of the API', async () => {
		const wrong: [path: string, body?: string][] = [
			['/messages/x', `{"recipients":["1"],"sender":${NUMBER}x}`],
			['/messages/x', JSON.stringify({ recipients: ['1'], [NUMBER]: ADDRESS })],
			['/messages/x', JSON.stringify({ recipients: ['1'], provider: NUMBER })],
			['/erasures', `{"number":"${ADDRESS}"`],
			[`/messages/%E0${NUMBER}`],
			[`/messages?${NUMBER}=1&from=${NUMBER}`],
			[`/messages?from=${NUMBER}`],
			[`/messages?state=${ADDRESS}`],
			[`/refused?cursor=${encodeURIComponent('+1 201 555 6342')}`],
		];
		for (const [path, body] of wrong) {
			const method = body === undefined ? 'GET' : path === '/erasures' ? 'POST' : 'PUT';
			const { status, json } = await api.call(method, path, body === undefined ? {} : { body });
			expect(status, path).to.equal(400);
			expect(JSON.stringify(json), body ?? path).not.to.match(ANYWHERE);
		}
	});

	it('writes no number to a workbook or to the log', async () => {
		const { sheets } = await readXlsx(await bytes('/messages.xlsx'));
		const rows = sheets.flatMap((sheet) => sheet.rows);
		expect(rows).to.have.lengthOf(6);
		expect(JSON.stringify(rows)).to.include('…6342').and.not.match(ANYWHERE);
		expect(log.lines).not.to.deep.equal([]);
		expect(log.lines.join('')).not.to.match(ANYWHERE);
	});

	it('shows no number on any page or in any file, only its last digits', async () => {
		const pages = await crawl();
		for (const [path, text] of pages) {
			expect(ANYWHERE.exec(text)?.[0], path).to.equal(undefined);
			expect(path).not.to.match(ANYWHERE);
		}
		const all = [...pages].map(([path, text]) => `${path} ${text}`).join();
		expect(Buffer.from(pages.get('/') ?? '', 'latin1').toString()).to.include('…6342');
		expect(all)
			.to.match(/report\.xml/)
			.and.match(/refused\.txt/)
			.and.match(/message\?key/);
	}).timeout(START_TIMEOUT_MS);

	it('finds whole numbers and shown digits, but no other part of a number', async () => {
		const found = async (filters: object) =>
			(await findMessages(maskNumbers(database)).find({ filters }, 10)).map(({ recipient }) => recipient).sort();
		const both = ['…6342', '…6342'];
		for (const q of [NUMBER, '+1 (201) 555-6342', '6342', '42', '…6342']) {
			expect(await found({ q }), q).to.deep.equal(both);
		}
		for (const recipient of [NUMBER, '*6342', '…6342']) {
			expect(await found({ recipient: [recipient] }), recipient).to.deep.equal(both);
		}
		for (const q of ['1201555', '56342', '2015556342', '44770']) expect(await found({ q }), q).to.deep.equal([]);
		for (const recipient of ['1201*', '*56342']) expect(await found({ recipient: [recipient] })).to.deep.equal([]);
		expect(await found({ sender: [SENDER] })).to.have.lengthOf(3);
		expect(await found({ sender: ['4477*'] })).to.deep.equal([]);
		expect(await found({ q: 'a' })).to.have.lengthOf(2);
	});

	it('masks numbers in any notation, and no short codes, ids or dates', async () => {
		for (const number of [NUMBER, `+${NUMBER}`, '+1 (201) 555-6342', `+${NUMBER}/TYPE=PLMN`]) {
			expect(maskAddress(number)).to.equal('…6342');
		}
		expect(maskAddress(`${NUMBER}/TYPE=PLMN@mms.example.net`)).to.equal('…@mms.example.net');
		for (const other of ['54321', 'INFO', '']) expect(maskAddress(other)).to.equal(other);
		expect(maskText(`${NUMBER} and +1 201-555-6342`)).to.equal('…6342 and …6342');
		expect(maskText(`<a>${ADDRESS}</a>, ${NUMBER}@x, @ and @x`)).to.equal('<a>…@example.net</a>, …@x, @ and @x');
		for (const text of ['480000000000000001', '2026-03-16 14:03:51', 'error 4007', await plainXml()]) {
			expect(maskText(text)).to.equal(text);
		}
	});

	async function plainXml(): Promise<string> {
		const { dateText, messageId } = await report();
		return `<Date>${dateText}</Date><MessageID>${messageId}</MessageID>`;
	}
});
