import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import { parseReadReply } from 'mm7-delivery-reports';
import type { Database } from '../lib/store/database.js';
import { maskAddress, maskNumbers, maskText } from '../lib/store/masking.js';
import { findMessages } from '../lib/store/read/find-messages.js';
import { ReportRepository } from '../lib/store/report-repository.js';
import { readReplyXml, report, reportXml, sendReport } from './support/report-request.js';
import { type ServedInbox, serveInbox } from './support/serve.js';
import { openTemporaryDatabase, START_TIMEOUT_MS } from './support/temporary-database.js';

const NUMBER = '12015556342';
const SENDER = '447700906342';
const ANYWHERE = /201[ ().-]*555[ ().-]*6342|7700[ ]?90[ ]?6342|2\0?0\0?1\0?5\0?5\0?5/;

describe('with MASK_NUMBERS', () => {
	let database: Database;
	let inbox: ServedInbox;
	let application: Server;
	const events: string[] = [];

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		application = createServer(async (req, res) => {
			for await (const chunk of req) events.push(String(chunk));
			res.end(`got ${NUMBER}`);
		});
		await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
		const { port } = application.address() as { port: number };
		database = await openTemporaryDatabase();
		inbox = await serveInbox(database, {
			MASK_NUMBERS: 'true',
			FORWARD_URL: `http://127.0.0.1:${port}/`,
			FORWARD_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
		});
		const texts = { statusText: `+1 (201) 555-6342 is off`, auxApplicInfo: NUMBER, extensions: { To: NUMBER } };
		await sendReport(inbox.url, reportXml({ messageId: 'a', recipient: `+${NUMBER}`, sender: SENDER, ...texts }));
		await sendReport(inbox.url, reportXml({ messageId: 'a', recipient: `+1 (201) 555-6342`, mmStatus: 'Expired' }));
		await sendReport(inbox.url, reportXml({ messageId: 'a', recipient: '12015550000' }));
		const xml = readReplyXml({ messageId: 'a', recipient: NUMBER });
		await new ReportRepository(database).store(await parseReadReply(xml, { 'content-type': 'text/xml' }), { xml });
		await sendReport(inbox.url, `<broken>${NUMBER}`);
		await sendReport(inbox.url, Buffer.from(`<broken>+1 201-555-6342`, 'utf16le'));
		// refused requests are stored after the response
		while (![...(await get('/refused')).matchAll(/refused-request/g)][1]);
	});
	after(async () => {
		await inbox?.close();
		application?.close();
		await database?.close();
	});

	async function get(path: string): Promise<string> {
		const response = await fetch(inbox.url + path, { headers: inbox.bearer });
		expect(response.status, path).to.equal(200);
		return Buffer.from(await response.arrayBuffer()).toString('latin1');
	}

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
		while (events.length === 0) await new Promise((resolve) => application.once('request', resolve));
		expect(events.join()).not.to.match(ANYWHERE);
		expect(JSON.parse(events[0] ?? '')).to.have.nested.property('data.recipient', '…6342');
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
		for (const q of [NUMBER, '+1 (201) 555-6342', '6342', '42', '…6342']) {
			expect(await found({ q }), q).to.deep.equal(['…6342']);
		}
		for (const recipient of [NUMBER, '*6342', '…6342']) {
			expect(await found({ recipient: [recipient] }), recipient).to.deep.equal(['…6342']);
		}
		for (const q of ['1201555', '56342', '2015556342', '44770']) expect(await found({ q }), q).to.deep.equal([]);
		for (const recipient of ['1201*', '*56342']) expect(await found({ recipient: [recipient] })).to.deep.equal([]);
		expect(await found({ sender: [SENDER] })).to.have.lengthOf(1);
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
		for (const text of ['480000000000000001', '2026-03-16 14:03:51', 'error 4007', await plainXml()]) {
			expect(maskText(text)).to.equal(text);
		}
	});

	async function plainXml(): Promise<string> {
		const { dateText, messageId } = await report();
		return `<Date>${dateText}</Date><MessageID>${messageId}</MessageID>`;
	}
});
