import { expect } from 'chai';
import type { Database } from '../../lib/store/database.js';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { report } from '../support/report-request.js';
import { type ServedInbox, serveInbox } from '../support/serve.js';
import { openTemporaryDatabase, START_TIMEOUT_MS } from '../support/temporary-database.js';

const HOUR_MS = 3_600_000;
const DAY = '/statistics?from=2026-07-07T00:00Z&to=2026-07-08T00:00Z';

describe('the numbers of the statistics', () => {
	let database: Database;
	let inbox: ServedInbox;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await openTemporaryDatabase();
		inbox = await serveInbox(database);
		const reports = new ReportRepository(database);
		for (let n = 0; n < 60; n++) {
			const messageId = `m${n}`;
			const start = Date.parse('2026-07-06T18:00Z') + n * 0.7 * HOUR_MS;
			const at = (hours: number) => new Date(start + hours * HOUR_MS);
			const operatorId = n % 3 === 0 ? '31002' : '31003';
			if (n % 2 === 0) await reports.register({ messageId, recipients: ['+12015550123'], submittedAt: at(0) });
			if (n % 10 === 0) continue;
			await reports.store({ ...(await report({ messageId, mmStatus: 'Forwarded' })), operatorId, receivedAt: at(0.1) });
			const mmStatus = n % 7 === 0 ? 'Expired' : 'Retrieved';
			if (n % 11 === 0) continue;
			await reports.store({ ...(await report({ messageId, mmStatus })), operatorId, receivedAt: at((n % 5) * 9) });
		}
	});
	after(async () => {
		await inbox?.close();
		await database?.close();
	});

	async function get(path: string): Promise<string> {
		const response = await fetch(inbox.url + path, { headers: inbox.bearer });
		expect(response.status, path).to.equal(200);
		return response.text();
	}

	/** The number of messages in the list that a link leads to. */
	async function listed(href: string): Promise<number> {
		const [, count = ''] =
			/<h2 id="list-title">(?:[\d–]+ of )?(\d+) message/.exec(await get(href.replace('.', '/'))) ?? [];
		return Number(count);
	}

	it('are shown by month, with the year, if there would be too many bars', async () => {
		const html = await get('/statistics?from=2017-01-01T00:00Z&to=2027-01-01T00:00Z');
		expect(html).to.include('1 Jan 2017 to 1 Jan 2027').and.include('Messages by month');
		expect(html).to.match(/>1 Jul 2026 to 31 Jul 2026<\/a><\/th><td>60</);
		expect(html).to.match(/>1 Jul 2025 to 31 Jul 2025<\/a><\/th><td>0</);
	});

	it('have the name of their time, also of a part of a month', async () => {
		const html = await get('/statistics?from=2026-05-10T06:00Z&to=2026-07-20T15:00Z&by=month');
		const names = html.matchAll(/<th scope="row"><a href="statistics[^>]*>([^<]*)</g);
		expect(Array.from(names, ([, name]) => name)).to.deep.equal([
			'10 May, 06:00 to 1 Jun, 00:00',
			'1 Jun to 30 Jun',
			'1 Jul, 00:00 to 20 Jul, 15:00',
		]);
	});

	it('are those of the lists that they lead to', async () => {
		const html = (await get(DAY)).replaceAll('&amp;', '&');
		// in a row of a table, the number is in a cell after the link
		const cells = (pattern: RegExp) =>
			html.split('</tr>').flatMap((row) => {
				const [, href = '', count] = pattern.exec(row) ?? [];
				return count === undefined ? [] : [{ href, count: Number(count) }];
			});
		const rows = cells(/<th scope="row"><a href="(\.\?[^"]+)">.*<td class="count">(\d+)</);
		const bars = cells(/<th scope="row"><a href="(\.\?[^"]+)">[^<]*<\/a><\/th><td>(\d+)</);
		expect([rows.length > 5, bars.length]).to.deep.equal([true, 24]);
		for (const { href, count } of [...rows, ...bars]) expect(await listed(href), href).to.equal(count);
	});
});
