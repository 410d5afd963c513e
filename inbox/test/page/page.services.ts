import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Database, DatabaseError } from '../../lib/store/database.js';
import { RefusalRepository } from '../../lib/store/refusal-repository.js';
import { refusalsOf, refusedRequest } from '../support/refusals.js';
import { type ReportFields, readReplyXml, reportXml, sendReport } from '../support/report-request.js';
import { type ServedInbox, serveInbox } from '../support/serve.js';
import { clear, openTemporaryDatabase, START_TIMEOUT_MS } from '../support/temporary-database.js';
import { complaintsOf, launchChromium, violationsOf } from './chromium.js';

const HOSTILE = '<img src=x onerror=alert(1)>';

const WINDOWS = [
	{ name: 'narrow', width: 390, height: 844 },
	{ name: 'wide', width: 1280, height: 800 },
];

describe('the page in Chromium', () => {
	let browser: Browser;
	let database: Database;
	/** True while the database fails. */
	let isDead: boolean;
	let inbox: ServedInbox;
	let context: BrowserContext;
	let page: Page;
	let complaints: string[];

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		browser = await launchChromium();
		const real = await openTemporaryDatabase();
		const dead = () => Promise.reject(new DatabaseError('gone', 'unavailable', 'GONE'));
		database = {
			...real,
			query: (sql, values) => (isDead ? dead() : real.query(sql, values)),
			write: (...statements) => (isDead ? dead() : real.write(...statements)),
		};
	});
	after(async () => {
		await browser?.close();
		await database?.close();
	});
	beforeEach(async () => {
		isDead = false;
		await clear(database);
		inbox = await serveInbox(database);
	});
	afterEach(async () => {
		isDead = false;
		await context?.close();
		await inbox?.close();
	});

	async function send(fields: ReportFields, headers?: Record<string, string>): Promise<void> {
		expect((await sendReport(inbox.url, reportXml(fields), headers)).statusCode).to.equal(1000);
	}

	/** Opens a window that has no access yet. */
	async function openWindow(viewport: { width: number; height: number }): Promise<void> {
		context = await browser.newContext({ viewport, reducedMotion: 'reduce', timezoneId: 'Europe/Zurich' });
		page = await context.newPage();
		complaints = complaintsOf(page);
	}

	/** Opens the page with its link, like a person, and then one of its paths. */
	async function open(viewport: { width: number; height: number }, path = '/'): Promise<void> {
		await openWindow(viewport);
		await page.goto(inbox.pageUrl);
		await live();
		if (path !== '/') await go(path);
	}

	async function go(path: string): Promise<void> {
		await page.goto(inbox.url + path);
		await live();
	}

	/** The query without the time zone, which every address has. */
	const query = () => new URL(page.url()).search.replace(/[?&]tz=[^&]*/, '');
	const live = () => page.getByText(/^Live/).waitFor();
	const rows = () => page.locator('.list tbody tr');
	const refused = () => page.locator('.refused tbody tr');
	const news = () => page.locator('#news');
	const field = () => page.getByRole('searchbox');
	/** The link of a message in the list. */
	const row = (messageId: string) => rows().getByRole('link', { name: messageId, exact: true });
	const ids = () => rows().locator('.id a').allTextContents();
	const numberFrom = (expression: string) => page.evaluate<number>(expression);

	async function search(text: string): Promise<void> {
		await field().fill(text);
		await field().press('Enter');
	}

	for (const window of WINDOWS) {
		describe(`in a ${window.name} window`, () => {
			describe('the list', () => {
				it('shows messages and their states, newest first, in the reader’s time zone', async () => {
					await send({ messageId: 'm1', mmStatus: 'Retrieved' });
					await send({ messageId: 'm2', mmStatus: 'Expired', recipient: '12015550199', statusText: 'Too late' });
					await open(window);
					expect(await ids()).to.deep.equal(['m2', 'm1']);
					for (const text of ['failed', 'Expired', '12015550199', '54321', 'Too late']) {
						expect(await rows().first().textContent()).to.include(text);
					}
					const time = rows().first().locator('time');
					expect(await time.textContent()).to.match(/^\d{2}:\d{2}:\d{2}$/);
					await time.hover();
					expect(await time.getAttribute('title')).to.match(/, \d\d:\d\d:\d\d UTC\+[12], \d+ seconds? ago$/);
					await page.getByRole('link', { name: /^Time zone: Zurich, UTC\+[12]$/ }).waitFor();
					expect(complaints).to.deep.equal([]);
				});

				it('finds the last digits of a number, and keeps the search in the address', async () => {
					await send({ messageId: 'needle', recipient: '12015550123' });
					await send({ messageId: 'hay', recipient: '12015550124' });
					await open(window);
					await search('550123');
					await page.getByText('1 message for “550123”').waitFor();
					expect(await ids()).to.deep.equal(['needle']);
					expect(query()).to.equal('?q=550123');
					await page.reload();
					expect(await field().inputValue()).to.equal('550123');
					expect(await ids()).to.deep.equal(['needle']);
					await page.goBack();
					await row('hay').waitFor();
					expect(complaints).to.deep.equal([]);
				});

				it('filters by state, MMStatus, operator and time, and gives advice if nothing is found', async () => {
					await send({ messageId: 'a', mmStatus: 'Expired' }, { 'x-mblox-operator-id': '31003' });
					await send({ messageId: 'b', mmStatus: 'Rejected' }, { 'x-mblox-operator-id': '31003' });
					await send({ messageId: 'c', mmStatus: 'Retrieved' }, { 'x-mblox-operator-id': '31026' });
					await open(window);
					await page.getByRole('navigation', { name: 'State' }).getByText('failed').click();
					await page.getByText('2 messages').waitFor();
					await page.getByText('MMStatus', { exact: true }).first().click();
					await page.getByLabel('Rejected').click();
					await page.getByRole('link', { name: 'MMStatus: Rejected' }).waitFor();
					await live();
					await page.getByText('Operator', { exact: true }).first().click();
					await page.getByLabel('31003').click();
					await page.getByRole('link', { name: 'Operator: 31003' }).waitFor();
					await live();
					await page.getByText('Time', { exact: true }).first().click();
					await page.getByLabel('Last 24 hours').click();
					await page.getByRole('link', { name: 'Time: Last 24 hours' }).waitFor();
					expect(await ids()).to.deep.equal(['b']);
					expect(query()).to.equal('?state=failed&mmStatus=Rejected&operator=31003&span=day');
					await search('nothing');
					await page.getByText('No messages found.').waitFor();
					await page.getByText(/the last four digits/).waitFor();
					await page.getByRole('link', { name: 'Search without the other filters' }).click();
					await page.waitForURL((url) => !url.searchParams.has('state'));
					expect(query()).to.equal('?q=nothing');
				});

				it('pages to older messages and back to the newest', async () => {
					for (let n = 1; n <= 60; n++) await send({ messageId: `m${n}` });
					await open(window);
					expect(await rows().count()).to.equal(50);
					await page.getByRole('link', { name: 'Older' }).click();
					await row('m1').waitFor();
					expect(await rows().count()).to.equal(10);
					await page.getByRole('link', { name: 'Newer' }).click();
					await row('m60').waitFor();
				});

				it('shows new messages and states without reloading, each message once', async () => {
					await send({ messageId: 'a', mmStatus: 'Forwarded' });
					await send({ messageId: 'b' });
					await open(window);
					await page.evaluate('globalThis.sameDocument = true');
					await send({ messageId: 'c', mmStatus: 'Rejected' });
					await row('c').waitFor();
					await send({ messageId: 'a', mmStatus: 'Retrieved' });
					await rows().first().getByText('Retrieved').waitFor();
					expect(await ids()).to.deep.equal(['a', 'c', 'b']);
					expect(await page.evaluate('globalThis.sameDocument')).to.equal(true);
					expect(complaints).to.deep.equal([]);
				});

				it('does not move while it is scrolled, and shows updates on request', async () => {
					for (let n = 1; n <= 50; n++) await send({ messageId: `m${n}` });
					await open(window);
					await page.evaluate('scrollTo(0, 700)');
					const place = () => rows().nth(20).boundingBox();
					const before = await place();
					for (let n = 1; n <= 12; n++) await send({ messageId: `new${n}` });
					await page.getByText('Show updates').waitFor();
					expect(await place()).to.deep.equal(before);
					expect(await violationsOf(page)).to.deep.equal([]);
					await news().click();
					await row('new12').waitFor();
					expect(await numberFrom('scrollY')).to.equal(0);
					expect(await news().isVisible()).to.equal(false);
				});

				it('updates the results of a search, but links from older pages to the newest', async () => {
					for (let n = 1; n <= 55; n++) await send({ messageId: `m${n}` });
					await open(window, '/?q=m5');
					await send({ messageId: 'other' });
					await send({ messageId: 'm5000' });
					await row('m5000').waitFor();
					expect(await ids()).not.to.include('other');

					await page.getByRole('link', { name: 'Messages' }).click();
					await page.getByRole('link', { name: 'Older' }).click();
					await row('m1').waitFor();
					await live();
					const older = await ids();
					expect(await news().isVisible()).to.equal(false);
					await send({ messageId: 'newest' });
					await news().waitFor();
					expect(await ids()).to.deep.equal(older);
					await news().click();
					await row('newest').waitFor();
				});

				it('keeps a text selection while reports arrive', async () => {
					await send({ messageId: 'copy-me' });
					await open(window);
					await rows().locator('.recipient').getByText('12015550123').first().selectText();
					const selected = () => page.evaluate<string>('getSelection().toString()');
					for (let n = 1; n <= 20; n++) await send({ messageId: `m${n}` });
					await page.getByText('Show updates').waitFor();
					expect(await selected()).to.equal('12015550123');
					await page.evaluate('getSelection().removeAllRanges()');
					await send({ messageId: 'after' });
					await row('after').waitFor();
					expect(await rows().count()).to.equal(22);
				});
			});

			it('shows all reports of a message, and adds new ones', async () => {
				await send({ messageId: 'm1', mmStatus: 'Forwarded', transactionId: 'first-id' });
				await send({
					messageId: 'm1',
					mmStatus: 'Retrieved',
					transactionId: 'second-id',
					uaCapabilities: { uaProf: 'Phone 7' },
				});
				await send({ messageId: 'm1', mmStatus: 'Expired', recipient: '12015550777' });
				await open(window);
				await row('m1').last().click();
				await live();
				await page.getByRole('heading', { name: 'm1' }).waitFor();
				const story = (await page.locator('#live').innerText()).replace(/\s+/g, ' ');
				for (const text of [
					'delivered',
					'Retrieved since',
					'12015550123',
					'54321',
					'Phone 7',
					'first-id',
					'second-id',
					'12015550777',
				]) {
					expect(story).to.include(text);
				}
				const steps = () => page.locator('.timeline strong').allTextContents();
				expect(await steps()).to.deep.equal(['Submitted', 'Forwarded', 'Retrieved']);
				expect(await violationsOf(page)).to.deep.equal([]);
				await page.getByRole('link', { name: 'All fields and XML' }).first().click();
				await page.getByText('<MMStatus>Forwarded</MMStatus>').waitFor();
				expect(await violationsOf(page)).to.deep.equal([]);
				await page.getByRole('link', { name: 'All reports of this message' }).click();
				await live();
				await page.locator('.timeline').hover();
				await sendReport(inbox.url, readReplyXml({ messageId: 'm1' }));
				await page.getByText('Show updates').click();
				await page.getByText('Read reply: read').waitFor();
				expect(await steps()).to.deep.equal(['Submitted', 'Forwarded', 'Retrieved', 'Read reply: read']);
				expect(await page.locator('.verdict').textContent()).to.include('delivered');
				expect(complaints).to.deep.equal([]);
			});

			it('shows statistics whose bars link to their messages', async () => {
				for (let n = 1; n <= 3; n++) await send({ messageId: `d${n}` }, { 'x-mblox-operator-id': '31003' });
				await send({ messageId: 'f', mmStatus: 'Expired' }, { 'x-mblox-operator-id': '31026' });
				await open(window, '/statistics');
				const shares = page.getByRole('table', { name: 'By MMStatus', exact: true });
				const barWidth = async (name: string) =>
					(await shares.getByRole('row', { name }).locator('.share').boundingBox())?.width ?? 0;
				const whole =
					(await shares.getByRole('row', { name: 'Retrieved' }).locator('.whole').boundingBox())?.width ?? 0;
				expect(await barWidth('Retrieved')).to.be.closeTo(whole * 0.75, 2);
				expect(await barWidth('Expired')).to.be.closeTo(whole * 0.25, 2);
				await page.getByRole('table', { name: 'Messages by state' }).getByText('failed').click();
				await live();
				expect(await ids()).to.deep.equal(['f']);
				expect(query()).to.match(/^\?from=.+&to=.+&state=failed&by=start$/);
				await go('/statistics');
				await page.locator('#messages-chart .bar').last().click();
				await live();
				expect(await ids()).to.have.members(['d1', 'd2', 'd3', 'f']);
				await go('/statistics?span=month');
				await page.getByRole('link', { name: 'Verizon 31003' }).click();
				await live();
				expect(await ids()).to.have.members(['d1', 'd2', 'd3']);
				await go('/statistics');
				await send({ messageId: 'p', mmStatus: 'Deferred' });
				await page.getByText('5 messages, each counted').waitFor();
				expect(complaints).to.deep.equal([]);
			});

			it('shows the values of charts by keyboard and mouse, and as a table', async () => {
				await send({ messageId: 'a' });
				await send({ messageId: 'b', mmStatus: 'Expired' });
				await open(window, '/statistics');
				const readout = page.locator('#messages-chart .readout');
				await readout.focus();
				expect(await readout.textContent()).to.match(/2 messages \(1 delivered, 1 failed, delivery rate 50%\) so far$/);
				expect(await readout.getAttribute('aria-valuetext')).to.equal(await readout.textContent());
				await page.keyboard.press('ArrowLeft');
				expect(await readout.textContent()).to.match(/: 0 messages$/);
				await page.keyboard.press('Home');
				expect(await readout.getAttribute('aria-valuenow')).to.equal('1');
				await page.keyboard.press('End');
				// one stop per chart
				const stops = '#content svg a:not([tabindex="-1"]), #content .chart [tabindex="0"]';
				expect(await page.locator(stops).count()).to.equal(2);
				expect(await violationsOf(page)).to.deep.equal([]);
				await page.locator('#rate-chart .bar').last().hover();
				expect(await page.locator('#rate-chart .readout').textContent()).to.match(/50% delivered$/);
				const label = await page.locator('.scale').first().boundingBox();
				const bars = await page.locator('#messages-chart .plot').boundingBox();
				expect((label?.x ?? 0) + (label?.width ?? 0)).to.be.below(bars?.x ?? 0);
				await page.getByText('Show as table').click();
				const cells = page.getByRole('row').filter({ hasText: '(so far)' }).getByRole('cell');
				expect(await cells.allTextContents()).to.deep.equal(['2', '1', '1', '0', '0', '0', '50%']);
				await readout.focus();
				await page.keyboard.press('Enter');
				await live();
				expect(await ids()).to.have.members(['a', 'b']);
				expect(complaints).to.deep.equal([]);
			});

			it('erases a number after showing what that would be', async () => {
				await send({ messageId: 'mine', recipient: '12015550123' });
				await send({ messageId: 'other', recipient: '12015550124' });
				await open(window, '/');
				await page.getByRole('link', { name: 'mine' }).first().click();
				await live();
				await page.getByRole('link', { name: 'Erase a number' }).click();
				await page.getByRole('textbox', { name: 'Number' }).fill('54321');
				await page.getByRole('button', { name: 'Find it' }).click();
				await page.getByText('Short codes cannot be erased').waitFor();
				await page.getByRole('textbox', { name: 'Number' }).fill('+1 (201) 555-0123');
				await page.getByRole('button', { name: 'Find it' }).click();
				await page.getByText('1 message and 1 report lose it').waitFor();
				expect(await violationsOf(page)).to.deep.equal([]);
				await page.getByRole('button', { name: 'Erase it' }).click();
				await page.getByText('Erased.').waitFor();
				await page.getByRole('link', { name: 'Show erased messages' }).click();
				await live();
				expect(await ids()).to.deep.equal(['mine']);
				await go('/?q=12015550124');
				expect(await ids()).to.deep.equal(['other']);
				await go('/?q=12015550123');
				expect(await ids()).to.deep.equal([]);
				expect(complaints.filter((text) => !text.includes('400'))).to.deep.equal([]);
			});

			it('shows refused requests with their bytes, and offers them as files', async () => {
				await open(window, '/refused');
				await page.getByText('No refused requests in the last 24 hours.').waitFor();
				await sendReport(inbox.url, `<broken>${HOSTILE}\u0007`);
				await refused().first().waitFor();
				expect(await refused().first().textContent())
					.to.include('127.0.0.1')
					.and.include('not well-formed');
				await refused().locator('a').click();
				await live();
				expect(await page.locator('pre').nth(1).textContent()).to.equal(`<broken>${HOSTILE}U+0007`);
				const download = page.waitForEvent('download');
				await page.getByRole('link', { name: /Download as a file/ }).click();
				expect(await readFile(await (await download).path(), 'utf8')).to.include(`\r\n\r\n<broken>${HOSTILE}\u0007`);
				expect(complaints).to.deep.equal([]);
			});

			it('says on each page that requests are being refused, and counts what is new since the reader looked', async () => {
				await send({ messageId: 'm1' });
				await open(window);
				const banner = () => page.locator('#refusing');
				const badge = () => page.locator('#refused-count');
				const state = () => page.locator('#connection').getAttribute('data-state');
				expect([await state(), await banner().isVisible(), await badge().isVisible()]).to.deep.equal([
					'live',
					false,
					false,
				]);
				for (let n = 0; n < 3; n++) await sendReport(inbox.url, '<broken>');
				await banner().getByText('The XML is not well-formed: 3 requests from 127.0.0.1.').waitFor();
				expect([await state(), await badge().textContent()]).to.deep.equal(['refusing', '3']);
				expect(await violationsOf(page)).to.deep.equal([]);

				await banner().getByRole('link').click();
				await page.getByRole('heading', { name: 'Refused requests' }).waitFor();
				await banner().waitFor();
				expect(await badge().isVisible()).to.equal(false);
				await go('/statistics');
				await banner().waitFor();
				expect(await badge().isVisible()).to.equal(false);
				await sendReport(inbox.url, '<broken>');
				await badge().getByText('1').waitFor();

				await context.close();
				await open(window);
				await badge().getByText('4').waitFor();
				expect(complaints).to.deep.equal([]);
			});

			it('reads refused requests again at the push of a button', async () => {
				const body = Buffer.from(reportXml({ messageId: 'later' }));
				await new RefusalRepository(database).add(refusalsOf(refusedRequest({ body })));
				await open(window, '/refused');
				await page.getByRole('link', { name: 'The XML is not well-formed' }).click();
				await live();
				await page.getByRole('button', { name: 'Read all of them again' }).click();
				await page.getByText('1 request became a report.').waitFor();
				expect(await violationsOf(page)).to.deep.equal([]);
				await page.getByRole('link', { name: 'Messages' }).last().click();
				await row('later').waitFor();
				expect(complaints).to.deep.equal([]);
			});

			it('shows instructions before the first report, and then the list', async () => {
				await open(window);
				await page.getByText('The first report appears here').waitFor();
				const [url, curl] = await page.locator('pre').allTextContents();
				expect(url).to.equal(`${inbox.url}/mm7`);
				expect(curl).to.include(`curl -i '${inbox.url}/mm7'`);
				await send({ messageId: 'first' });
				await row('first').waitFor();
			});

			it('sends a test report at the push of a button, also without JavaScript', async () => {
				await open(window);
				expect(await violationsOf(page)).to.deep.equal([]);
				await page.getByRole('button', { name: 'Send a test report' }).click();
				await rows().getByText('Test report').waitFor({ state: 'attached' });
				expect(query()).to.equal('');
				expect(complaints).to.deep.equal([]);

				await clear(database);
				const plain = await browser.newPage({ viewport: window, javaScriptEnabled: false });
				await plain.goto(inbox.pageUrl);
				await plain.getByRole('button', { name: 'Send a test report' }).click();
				await plain.getByText('Test report').waitFor({ state: 'attached' });
				await plain.close();
			});

			it('reports that the database is not responding, and recovers automatically', async () => {
				await send({ messageId: 'before' });
				await open(window);
				isDead = true;
				await page.getByText('The database is not responding. Reports are not acknowledged').waitFor();
				await page.getByText('Not live').waitFor();
				expect(await page.getByText(/^Live/).isVisible()).to.equal(false);
				expect(await violationsOf(page)).to.deep.equal([]);
				// a newly opened page says the same
				await page.goto(`${inbox.url}/statistics`);
				await page.getByRole('heading', { name: 'The database is not responding' }).waitFor();
				isDead = false;
				await page.getByText('Messages by hour').waitFor();
				await live();
			});

			it('reports that the inbox is not responding or has a new link, and catches up', async () => {
				await send({ messageId: 'before' });
				await open(window);
				const { port } = new URL(inbox.url);
				await inbox.close();
				await page.getByText(/^The inbox is not responding\./).waitFor();
				inbox = await serveInbox(database, { PORT: port });
				await send({ messageId: 'in-between' });
				await page.getByText(/Open it with its new link/).waitFor();
				await page.goto(inbox.pageUrl);
				await row('in-between').waitFor();
			});

			it('shows hostile text as text, and never scrolls sideways', async () => {
				const long = 'x'.repeat(300);
				await send({ messageId: HOSTILE, recipient: HOSTILE, sender: HOSTILE, mmStatus: HOSTILE, statusText: HOSTILE });
				await send({
					messageId: long,
					statusText: long,
					recipient: '1'.repeat(60),
					mmStatus: long,
					transactionId: long,
				});
				await sendReport(inbox.url, `<${long}`);
				await open(window);
				const links = await Promise.all((await rows().locator('a').all()).map((link) => link.getAttribute('href')));
				const paths = [
					'/',
					`/?q=${encodeURIComponent(HOSTILE)}`,
					'/statistics',
					'/refused',
					'/?q=none&span=day',
					'/?from=2026-01-01T00:00',
				];
				for (const path of [...paths, ...links.map((link) => `/${link}`)]) {
					await go(path);
					for (const summary of await page.locator('summary').all()) await summary.click();
					expect(await page.locator('img').count()).to.equal(0);
					expect(await numberFrom('document.documentElement.scrollWidth'), path).to.be.at.most(window.width);
					const rightmost = (selector: string) =>
						numberFrom(
							`Math.max(...[...document.querySelectorAll('${selector}')].map((e) => e.getBoundingClientRect().right))`,
						);
					const parts = '.card :is(h1, h2, p, a, button, input, td, td *, dd, pre):not(.scrollable *)';
					expect(await rightmost(parts), path).to.be.at.most(await rightmost('.card'));
				}
				expect(complaints).to.deep.equal([]);
			});

			it('has no accessibility violations on any page, light or dark', async () => {
				async function expectNone(path: string): Promise<void> {
					for (const colorScheme of ['light', 'dark'] as const) {
						await page.emulateMedia({ colorScheme });
						expect(await violationsOf(page), `${path}, ${colorScheme}`).to.deep.equal([]);
					}
				}
				await openWindow(window);
				await page.goto(inbox.url);
				await expectNone('locked');
				await page.goto(inbox.pageUrl);
				await live();
				await expectNone('empty');
				for (const mmStatus of ['Retrieved', 'Expired', 'Deferred', 'Indeterminate']) {
					const fields = { messageId: mmStatus, mmStatus, statusText: `a\u202eb${'x'.repeat(100)}` };
					await send(fields, { 'x-mblox-operator-id': '31003' });
				}
				await sendReport(inbox.url, '<broken>\u0007');
				// the page reloaded with the first of them
				await row('Indeterminate').waitFor();
				const message = await rows().locator('a').first().getAttribute('href');
				await go('/refused');
				const request = await refused().locator('a').first().getAttribute('href');
				const paths = ['?state=failed&span=day', '?q=none', '?state=wrong', 'statistics', 'refused', message, request];
				for (const path of paths) {
					await go(`/${path}`);
					for (const summary of await page.locator('summary').all()) await summary.click();
					await expectNone(path ?? '');
				}
			});
		});
	}

	describe('in a wide window only', () => {
		const wide = { width: 1280, height: 800 };

		it('can be used with the keyboard alone', async () => {
			await send({ messageId: 'm1' });
			await open(wide);
			const press = (key: string) => page.keyboard.press(key);
			await press('Tab');
			expect(await page.evaluate('document.activeElement.textContent')).to.equal('Skip to content');
			await press('Enter');
			await press('Tab');
			expect(await page.evaluate('document.activeElement.id')).to.equal('q');
			await page.keyboard.type('m1');
			await press('Enter');
			await page.getByText('1 message for “m1”').waitFor();
			await live();
			const focused = () => page.evaluate<string>('document.activeElement.textContent');
			for (let n = 0; n < 30 && (await focused()) !== 'm1'; n++) await press('Tab');
			await press('Enter');
			await page.getByRole('heading', { name: 'm1' }).waitFor();
		});

		it('is readable at 200% zoom', async () => {
			await send({ messageId: '480000000000000001', statusText: 'Message expired before it was fetched' });
			await open({ width: 640, height: 400 });
			for (const path of ['/', '/statistics', '/refused']) {
				await go(path);
				expect(await numberFrom('document.documentElement.scrollWidth'), path).to.be.at.most(640);
			}
		});

		it('opens from a link on another site if the reader has access', async () => {
			await send({ messageId: 'm1' });
			await open(wide);
			const { port } = new URL(inbox.url);
			// a host name is another site than an address
			await page.goto(`http://localhost:${port}/nowhere`);
			await page.evaluate(`document.body.innerHTML = '<a href="${inbox.url}/?q=m1">shared</a>'`);
			await page.getByText('shared').click();
			await page.getByText('1 message for “m1”').waitFor();
			// the link with the token works from there too
			await context.clearCookies();
			await page.goto(`http://localhost:${port}/nowhere`);
			await page.evaluate(`document.body.innerHTML = '<a href="${inbox.pageUrl}">link</a>'`);
			await page.getByText('link').click();
			await live();
			expect(query()).to.equal('');
			// without a cookie it shows an explanation instead of reloading forever
			await context.clearCookies();
			await page.goto(`http://localhost:${port}/nowhere`);
			await page.evaluate(`document.body.innerHTML = '<a href="${inbox.url}/?q=m1">shared</a>'`);
			await page.getByText('shared').click();
			await page.getByText('This page is locked').waitFor();
		});

		it('closes its connection in the background, and catches up afterwards', async () => {
			await send({ messageId: 'm1' });
			await open(wide);
			const show = (hidden: boolean) =>
				page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} });
					document.dispatchEvent(new Event('visibilitychange'))`);
			const viewers = async () =>
				/^mm7_inbox_viewers (\d+)$/m.exec(
					await (await fetch(`${inbox.url}/metrics`, { headers: inbox.bearer })).text(),
				)?.[1];
			await show(true);
			while ((await viewers()) !== '0');
			await send({ messageId: 'm2' });
			await show(false);
			await row('m2').waitFor();
		});

		it('blocks injected code with its Content-Security-Policy', async () => {
			await open(wide);
			const stopped = page.waitForEvent('console', (message) => /Content Security Policy/.test(message.text()));
			await page.evaluate(
				`document.body.insertAdjacentHTML('beforeend', '<img src="x" onerror="globalThis.ran = true">')`,
			);
			await stopped;
			expect(await page.evaluate('globalThis.ran')).to.equal(undefined);
		});
	});
});
