import { expect } from 'chai';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import type { Database } from '../../lib/store/database.js';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { type ReportFields, report, reportXml, sendReport } from '../support/report-request.js';
import { type ServedInbox, serveInbox } from '../support/serve.js';
import { clear, openTemporaryDatabase, START_TIMEOUT_MS } from '../support/temporary-database.js';
import { type OpenPage, openPage } from './browser-page.js';
import { launchChromium, violationsOf } from './chromium.js';

const PHONE = { width: 390, height: 844 };
const LAPTOP = { width: 1280, height: 800 };
const LARGE = { width: 1920, height: 1080 };

describe('the list in Chromium', () => {
	let browser: Browser;
	let database: Database;
	let inbox: ServedInbox;
	let open: OpenPage;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		browser = await launchChromium();
		database = await openTemporaryDatabase();
		inbox = await serveInbox(database);
	});
	beforeEach(() => clear(database));
	afterEach(() => open?.close());
	after(async () => {
		await browser?.close();
		await inbox?.close();
		await database?.close();
	});

	async function visit(options: BrowserContextOptions, path?: string): Promise<OpenPage> {
		open = await openPage(browser, inbox, { timezoneId: 'Europe/Zurich', viewport: LAPTOP, ...options }, path);
		return open;
	}

	async function send(fields: ReportFields, headers?: Record<string, string>): Promise<void> {
		expect((await sendReport(inbox.url, reportXml(fields), headers)).statusCode).to.equal(1000);
	}

	/** Stores messages m1, m2, …, a minute apart; the last one just now. */
	async function store(count: number, fields: ReportFields = {}): Promise<void> {
		const reports = new ReportRepository(database);
		const sample = await report(fields);
		const now = Date.now();
		await Promise.all(
			Array.from({ length: count }, (_, index) => {
				const receivedAt = new Date(now - (count - 1 - index) * 60_000);
				const id = `m${index + 1}`;
				return reports.store({ ...sample, messageId: id, transactionId: `t-${id}`, receivedAt });
			}),
		);
	}

	const menu = (name: string) => open.page.locator(`#menu-${name} summary`);

	/** The number of rows that are completely on the screen. */
	async function visibleRows(): Promise<number> {
		return open.page.evaluate<number>(`[...document.querySelectorAll('.list tbody tr')]
			.filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length`);
	}

	for (const [viewport, minimum] of [
		[PHONE, 5],
		[LAPTOP, 20],
		[LARGE, 28],
	] as const) {
		it(`has at least ${minimum} rows on a screen of ${viewport.width} px, also below filters`, async () => {
			await store(50, { statusText: 'A reason that is too long for one line '.repeat(9), mmStatus: 'Expired' });
			await visit({ viewport }, '/?state=failed&mmStatus=Expired&from=2026-01-01T00:00Z');
			expect(await open.rows().count()).to.equal(50);
			expect(await visibleRows()).to.be.at.least(minimum);
			const width = await open.page.evaluate<number>('document.documentElement.scrollWidth');
			expect(width).to.equal(viewport.width);
			const list = await open.page.locator('.list').boundingBox();
			expect(list?.width).to.be.above(viewport.width * 0.9);
			// the columns that only a large screen has room for
			expect(await open.page.locator('td.transaction').first().isVisible()).to.equal(viewport === LARGE);
			for (const colorScheme of ['light', 'dark'] as const) {
				await open.page.emulateMedia({ colorScheme });
				expect(await violationsOf(open.page), colorScheme).to.deep.equal([]);
			}
			// every part of a row is its link
			await open
				.rows()
				.nth(2)
				.click({ position: { x: 3, y: 3 } });
			await open.page.getByRole('heading', { name: 'm48' }).waitFor();
			expect(open.complaints).to.deep.equal([]);
		});
	}

	it('copies ids with a button, which takes no stop of the Tab key', async () => {
		await store(2);
		await visit({ permissions: ['clipboard-read', 'clipboard-write'] });
		const copied = () => open.page.evaluate<string>('navigator.clipboard.readText()');
		for (const [kind, id] of [
			['id', 'm1'],
			['recipient', '12015550123'],
		]) {
			await open.rows().nth(1).hover();
			const cell = open.rows().nth(1).locator(`.${kind}`);
			await cell.getByRole('button', { name: `Copy ${id}` }).click();
			await cell.getByRole('button', { name: 'Copied' }).waitFor();
			expect(await copied()).to.equal(id);
		}
		expect(await open.page.locator('.list .copy:not([tabindex="-1"])').count()).to.equal(0);
		await open
			.rows()
			.nth(1)
			.click({ position: { x: 3, y: 3 } });
		await open.page.getByRole('button', { name: 'Copy t-m1' }).click();
		await open.page.getByRole('button', { name: 'Copied' }).waitFor();
		expect(await copied()).to.equal('t-m1');
	});

	it('is used with the keyboard: / searches, j and k move, Enter opens, Esc goes back, ? helps', async () => {
		await store(60);
		await visit({}, '/?q=m');
		const { page } = open;
		const press = (...keys: string[]) =>
			keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
		const focused = () => page.evaluate<string>('document.activeElement.textContent');
		await press('j');
		expect(await focused()).to.equal('m60');
		await press('j', 'j', 'k');
		expect(await focused()).to.equal('m59');
		await press('Enter');
		await page.getByRole('heading', { name: 'm59' }).waitFor();
		await open.live();
		await press('Escape');
		await page.getByText('1–50 of 60 messages').waitFor();
		expect(open.query()).to.equal('?q=m');
		await page.waitForFunction('document.activeElement.textContent === "m59"');
		await press('ArrowDown');
		expect(await focused()).to.equal('m58');
		// the rows are one stop of the Tab key
		expect(await page.locator('.list a:not([tabindex="-1"])').allTextContents()).to.deep.equal(['m58']);
		await press('?');
		await page.getByRole('dialog').getByText('Next row').waitFor();
		expect(await violationsOf(page)).to.deep.equal([]);
		await press('j', 'Escape');
		expect(await page.getByRole('dialog').count()).to.equal(0);
		expect(await focused()).to.equal('m58');
		await press('/');
		await page.keyboard.type('m17');
		expect(await page.getByRole('searchbox').inputValue()).to.equal('m17');
		await press('Enter');
		await page.getByText('1 message for “m17”').waitFor();
		expect(open.complaints).to.deep.equal([]);
	});

	it('can be used without JavaScript, in UTC, and claims nothing', async () => {
		await store(60);
		await send({ messageId: 'e', mmStatus: 'Expired' });
		await visit({ javaScriptEnabled: false });
		const { page } = open;
		expect(await page.locator('#connection').innerText()).to.equal('');
		expect(await page.getByText(/\b(Connecting|Live)\b/).count()).to.equal(0);
		expect(await page.locator('.zone').innerText()).to.match(/UTC$/);
		await menu('mmStatus').click();
		await page.getByLabel('Expired').click();
		await page.getByRole('group', { name: 'MMStatus' }).getByRole('button', { name: 'Apply' }).click();
		expect(await open.ids()).to.deep.equal(['e']);
		expect(open.query()).to.equal('?mmStatus=Expired');
		await page.getByRole('link', { name: 'Clear all' }).click();
		await page.getByRole('link', { name: 'Older' }).click();
		expect(await open.rows().count()).to.equal(11);
		await page.locator('.zone').click();
		await page.getByLabel('Show times in').selectOption('Asia/Tokyo');
		await page.getByRole('button', { name: 'Apply' }).click();
		expect(await page.locator('.zone').innerText()).to.match(/Tokyo, UTC\+9$/);
		expect(await open.rows().count()).to.equal(11);
	});

	describe('in the time zone of the reader', () => {
		for (const [timezoneId, zone, offset] of [
			['America/New_York', /New York, UTC−[45]/, /-0[45]:00$/],
			['Asia/Kolkata', /(Kolkata|Calcutta), UTC\+5:30/, /\+05:30$/],
		] as const) {
			it(`shows and filters times, and carries the zone in every address: ${timezoneId}`, async () => {
				await store(3);
				await visit({ timezoneId });
				const { page } = open;
				await page.getByRole('link', { name: zone }).waitFor();
				const local = (options: string) =>
					page.evaluate<string>(
						`new Date(document.querySelector('.list time').dateTime).toLocaleString('sv', ${options})`,
					);
				const time = open.rows().first().locator('time');
				expect(await time.textContent()).to.equal(await local('{ timeStyle: "medium" }'));
				await time.hover();
				expect(await time.getAttribute('title')).to.match(/^\d+ \w{3,4} 20\d\d, [\d:]+ UTC.+, \d+ \w+ ago$/);
				expect(await page.locator('#connection').innerText()).to.include(await time.textContent());

				await menu('time').click();
				const minute = (await local('{}')).slice(0, 16).replace(' ', 'T');
				await page.getByLabel('From').fill(minute);
				await page.getByLabel('Before').focus();
				await page.getByText('1 message', { exact: true }).waitFor();
				expect(new URL(page.url()).searchParams.get('from')).to.match(offset);
				await page.getByRole('link', { name: /^From: / }).waitFor();
				expect(await page.getByLabel('From').inputValue()).to.equal(minute);
				// a time is never cut off, in any browser’s notation
				const [width, needed] = await page.evaluate<[number, number]>(`(() => {
					const field = document.getElementById('from');
					const width = field.getBoundingClientRect().width;
					field.style.width = 'max-content';
					return [width, field.getBoundingClientRect().width];
				})()`);
				expect(width).to.be.at.least(needed);

				// a link means the same in another zone
				const shared = page.url();
				await open.close();
				await visit({ timezoneId: 'Asia/Tokyo' }, shared.slice(inbox.url.length));
				await open.page.getByRole('link', { name: zone }).waitFor();
				expect(await open.ids()).to.deep.equal(['m3']);
				for (const name of ['Statistics', 'Messages']) {
					await open.page.getByRole('link', { name, exact: true }).click();
					await open.page.getByRole('link', { name: zone }).waitFor();
				}
				// the choice is kept for addresses without a zone
				await open.page.getByRole('link', { name: zone }).click();
				await open.page.getByLabel('Show times in').selectOption('Europe/Paris');
				await open.page.getByRole('button', { name: 'Apply' }).click();
				await open.page.getByRole('link', { name: /Paris, UTC\+[12]/ }).waitFor();
				await open.go('/');
				await open.page.getByRole('link', { name: /Paris, UTC\+[12]/ }).waitFor();
				expect(open.complaints).to.deep.equal([]);
			});
		}
	});

	describe('filters', () => {
		it('offer what exists, apply at once, and are removed by their chips', async () => {
			await send({ messageId: 'a', mmStatus: 'Expired', sender: '54321' }, { 'x-mblox-operator-id': '31003' });
			await send({ messageId: 'b', mmStatus: 'Rejected', sender: '67890' }, { 'x-mblox-operator-id': '31003' });
			await send({ messageId: 'c', mmStatus: 'Retrieved', sender: '67890' }, { 'x-mblox-operator-id': '31026' });
			await visit({});
			const { page } = open;
			await menu('mmStatus').click();
			const choices = page.getByRole('group', { name: 'MMStatus' }).locator('label');
			expect((await choices.allInnerTexts()).map((text) => text.replace(/\s+/g, ' '))).to.have.members([
				'Expired 1',
				'Rejected 1',
				'Retrieved 1',
			]);
			await page.getByLabel('Expired').click();
			await page.getByText('1 message', { exact: true }).waitFor();
			expect(await open.ids()).to.deep.equal(['a']);
			// the menu is still open, so a second one is one click more
			await open.live();
			await page.getByLabel('Rejected').click();
			await page.getByText('2 messages', { exact: true }).waitFor();
			expect(open.query()).to.equal('?mmStatus=Expired&mmStatus=Rejected');
			expect(await violationsOf(page)).to.deep.equal([]);
			await page.keyboard.press('Escape');
			expect(await page.getByLabel('Rejected').isVisible()).to.equal(false);
			await menu('sender').click();
			await page.getByLabel('67890').click();
			await page.getByText('1 message', { exact: true }).waitFor();
			await page.getByRole('link', { name: /^MMStatus: Rejected/ }).click();
			await page.getByText('No messages found.').waitFor();
			await page.getByRole('link', { name: 'Clear all' }).click();
			await page.getByText('3 messages', { exact: true }).waitFor();
			expect(open.complaints).to.deep.equal([]);
		});

		it('find the ids of a pasted column', async () => {
			await store(5);
			await visit({ permissions: ['clipboard-read', 'clipboard-write'] });
			await open.page.evaluate(`navigator.clipboard.writeText('m2\\nm4\\r\\n')`);
			await open.page.getByRole('searchbox').focus();
			await open.page.keyboard.press('Control+V');
			await open.page.keyboard.press('Enter');
			await open.page.getByText('2 messages for “m2, m4”').waitFor();
			expect(await open.ids()).to.deep.equal(['m4', 'm2']);
		});

		it('exclude each other if they are a span and a date', async () => {
			await store(2);
			await visit({}, '/?span=day');
			const { page } = open;
			await menu('time').click();
			await page.getByRole('link', { name: 'Today' }).click();
			await page.waitForURL(/from=/);
			expect(open.query()).to.match(/^\?from=\d{4}-\d\d-\d\dT00:00\+0[12]:00$/);
			await open.live();
			await menu('time').click();
			await page.getByLabel('Last 30 days').click();
			await page.waitForURL(/span=month/);
			expect(open.query()).to.equal('?span=month');
		});
	});

	describe('of 188,000 messages', () => {
		it('pages in both directions with the position, and stays fast', async function () {
			this.timeout(180_000);
			await fillQuickly(database, 188_000);
			await visit({});
			const { page } = open;
			await page.getByText('1–50 of 188,000 messages').waitFor();
			expect(await violationsOf(page)).to.deep.equal([]);
			const [newest] = await open.ids();
			await page.getByRole('link', { name: 'Older' }).click();
			await page.getByText('51–100 of 188,000 messages').waitFor();
			await page.getByRole('link', { name: 'Older' }).click();
			await page.getByText('101–150 of 188,000 messages').waitFor();
			const third = await open.ids();
			await page.getByRole('link', { name: 'Older' }).click();
			await page.getByText('151–200 of').waitFor();
			await page.getByRole('link', { name: 'Newer' }).click();
			await page.getByText('101–150 of').waitFor();
			expect(await open.ids()).to.deep.equal(third);
			await page.getByRole('link', { name: 'Newer' }).click();
			await page.getByText('51–100 of').waitFor();
			await page.getByRole('link', { name: 'Newer' }).click();
			await page.getByText('1–50 of').waitFor();
			expect(open.query()).to.equal('');
			expect((await open.ids())[0]).to.equal(newest);
			const paths = ['/', '/?state=failed', '/?mmStatus=Expired&sender=54000', '/?q=4800', '/?span=day', '/statistics'];
			for (const path of paths) {
				const times = [];
				for (let n = 0; n < 3; n++) {
					const start = performance.now();
					const response = await fetch(inbox.url + path, { headers: inbox.bearer });
					await response.text();
					times.push(performance.now() - start);
				}
				expect(Math.min(...times), path).to.be.below(300);
			}
		});
	});
});

/** Fills the database with one statement: messages of the last month with several states and senders. */
async function fillQuickly(database: Database, count: number): Promise<void> {
	await new ReportRepository(database).store(await report({ messageId: 'sample' }));
	const values: Readonly<Record<string, string>> = {
		key: `'key' || n`,
		message_id: `'4800' || (100000000 + n)`,
		sender: `'5400' || (n % 5)`,
		state: `CASE n % 10 WHEN 0 THEN 'failed' WHEN 1 THEN 'pending' ELSE 'delivered' END`,
		mm_status: `CASE n % 10 WHEN 0 THEN 'Expired' WHEN 1 THEN 'Deferred' ELSE 'Retrieved' END`,
		received_at: `strftime('%Y-%m-%dT%H:%M:%fZ', received_at, '-' || (n * 13) || ' seconds')`,
	};
	const columns = await database.query<{ name: string }>(`SELECT name FROM pragma_table_info('messages')`);
	const names = columns.map(({ name }) => name);
	await database.write({
		sql: `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count - 1})
			INSERT INTO messages (${names}) SELECT ${names.map((name) => values[name] ?? name)} FROM messages, numbers`,
	});
}
