import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import type { Database } from '../../database/database.js';
import { clear, openTemporaryDatabase, START_TIMEOUT } from '../database/temporary-database.js';
import { type ReportFields, reportXml, sendReport } from '../report-request.js';
import { type Served, serveInbox } from '../serve.js';
import { complaintsOf, launchChromium } from './chromium.js';

const HOSTILE = '<img src=x onerror=alert(1)>';

const WINDOWS = [
	{ name: 'narrow', width: 375, height: 812 },
	{ name: 'wide', width: 1280, height: 800 },
];

describe('the page in Chromium', () => {
	let browser: Browser;
	let database: Database;
	let inbox: Served;
	let page: Page;
	let complaints: string[];

	before(async function () {
		this.timeout(START_TIMEOUT);
		browser = await launchChromium();
		database = await openTemporaryDatabase();
	});
	after(async () => {
		await browser?.close();
		await database?.close();
	});
	beforeEach(async () => {
		await clear(database);
		inbox = await serveInbox(database);
	});
	afterEach(async () => {
		await page?.close();
		await inbox?.close();
	});

	async function send(fields: ReportFields): Promise<void> {
		expect((await sendReport(inbox.url, reportXml(fields))).statusCode).to.equal(1000);
	}

	/** Opens the page and waits until it is live. */
	async function open(size: { width: number; height: number }): Promise<void> {
		page = await browser.newPage({ viewport: size, reducedMotion: 'reduce' });
		complaints = complaintsOf(page);
		await page.goto(inbox.url);
		await page.getByText('Live', { exact: true }).waitFor();
	}

	const rows = () => page.locator('#reports tr');
	const count = (state: string) => page.locator(`.chart tr[data-state="${state}"] .count`);
	const barWidth = async (state: string) =>
		(await page.locator(`.chart tr[data-state="${state}"] .bar`).boundingBox())?.width ?? 0;
	const numberFrom = (expression: string) => page.evaluate<number>(expression);

	for (const window of WINDOWS) {
		describe(`in a ${window.name} window`, () => {
			it('shows the bars and the rows', async () => {
				await send({ messageId: 'm1', mmStatus: 'Retrieved' });
				await send({ messageId: 'm2', mmStatus: 'Retrieved' });
				await send({ messageId: 'm3', mmStatus: 'Expired', recipient: '12015550199', statusText: 'Too late' });
				await send({ messageId: 'm4', mmStatus: 'Deferred' });
				await open(window);
				expect(await count('delivered').textContent()).to.equal('2');
				expect(await count('failed').textContent()).to.equal('1');
				expect(await count('pending').textContent()).to.equal('1');
				expect(await count('unknown').textContent()).to.equal('0');
				expect(await barWidth('delivered')).to.be.greaterThan(50);
				expect(await barWidth('failed')).to.be.closeTo((await barWidth('delivered')) / 2, 2);
				expect(await barWidth('unknown')).to.be.lessThan(5);
				expect(await rows().count()).to.equal(4);
				for (const text of ['m3', '12015550199', '54321', 'failed', 'Expired', 'Too late']) {
					expect(await rows().nth(1).textContent()).to.include(text);
				}
				expect(complaints).to.deep.equal([]);
			});

			it('shows a new report without being loaded again', async () => {
				await open(window);
				await page.getByText('No report has come yet.').waitFor();
				await page.evaluate('globalThis.sameDocument = true');
				await send({ messageId: 'fresh', mmStatus: 'Rejected' });
				await rows().getByText('fresh').waitFor();
				expect(await count('failed').textContent()).to.equal('1');
				expect(await page.evaluate('globalThis.sameDocument')).to.equal(true);
				expect(complaints).to.deep.equal([]);
			});

			it('finds by MessageID and by number, keeps the search while reports come, and goes back', async () => {
				await send({ messageId: 'needle', recipient: '12015550123' });
				await send({ messageId: 'hay', recipient: '12015550124' });
				await open(window);
				const field = page.getByLabel('Search by MessageID or number');
				await field.fill('needle');
				await field.press('Enter');
				await page.getByText('1 report for “needle”').waitFor();
				expect(await rows().count()).to.equal(1);

				await field.fill('+1 (201) 555-0124');
				await page.getByRole('button', { name: 'Search' }).click();
				await page.getByText('1 report for “+1 (201) 555-0124”').waitFor();
				expect(await rows().textContent()).to.include('hay');
				await send({ messageId: 'more', recipient: '12015550124' });
				await page.getByText('2 reports for “+1 (201) 555-0124”').waitFor();

				await field.fill('nothing');
				await field.press('Enter');
				await page.getByText('Nothing was found.').waitFor();
				await field.fill('');
				await rows().getByText('needle').waitFor();
				expect(await rows().count()).to.equal(3);
				expect(complaints).to.deep.equal([]);
			});

			it('shows hostile text as text', async () => {
				await send({ messageId: HOSTILE, recipient: HOSTILE, sender: HOSTILE, mmStatus: HOSTILE, statusText: HOSTILE });
				await open(window);
				const text = await rows().first().textContent();
				// in MessageID, MMStatus and StatusText; of an address the number inside its brackets is shown
				expect(text?.split(HOSTILE)).to.have.lengthOf(4);
				expect(await page.locator('img').count()).to.equal(0);
				await page.getByLabel('Search by MessageID or number').fill(HOSTILE);
				await page.getByRole('button', { name: 'Search' }).click();
				await page.getByText(`1 report for “${HOSTILE}”`).waitFor();
				expect(await page.locator('img').count()).to.equal(0);
				expect(complaints).to.deep.equal([]);
			});

			it('never scrolls sideways, whatever a report holds', async () => {
				await send({ messageId: 'x'.repeat(300), statusText: 'y'.repeat(300), recipient: '1'.repeat(60) });
				await send({});
				await sendReport(inbox.url, '<broken>');
				await open(window);
				await page.getByText('1 request could not be read').waitFor();
				expect(await numberFrom('document.documentElement.scrollWidth')).to.be.at.most(window.width);
				// nor does anything stick out of its frame
				const rightmost = (selector: string) =>
					numberFrom(
						`Math.max(...[...document.querySelectorAll('${selector}')].map((e) => e.getBoundingClientRect().right))`,
					);
				expect(await rightmost('.card :is(h2, p, button, input, td, td *)')).to.be.at.most(await rightmost('.card'));
			});

			it('shows older reports when asked', async () => {
				for (let n = 1; n <= 55; n++) await send({ messageId: `m${n}` });
				await open(window);
				expect(await rows().count()).to.equal(50);
				await page.getByRole('button', { name: 'Show older reports' }).click();
				await rows().getByText('m1', { exact: true }).waitFor();
				expect(await rows().count()).to.equal(55);
				await send({ messageId: 'newest' });
				await rows().getByText('newest').waitFor();
				expect(await rows().count()).to.equal(56);
				expect(await page.getByRole('button', { name: 'Show older reports' }).isVisible()).to.equal(false);
			});

			it('catches up by itself when the inbox was away', async () => {
				await open(window);
				const { port } = new URL(inbox.url);
				await inbox.close();
				await page.getByText('Reconnecting').waitFor();
				inbox = await serveInbox(database, { PORT: port });
				await send({ messageId: 'meanwhile' });
				await rows().getByText('meanwhile').waitFor();
				await page.getByText('Live', { exact: true }).waitFor();
			});
		});
	}

	it('stops code that finds its way into the page, so the policy is at work', async () => {
		await open({ width: 1280, height: 800 });
		const stopped = page.waitForEvent('console', (message) => /Content Security Policy/.test(message.text()));
		await page.evaluate(
			`document.body.insertAdjacentHTML('beforeend', '<img src="x" onerror="globalThis.ran = true">')`,
		);
		await stopped;
		expect(await page.evaluate('globalThis.ran')).to.equal(undefined);
	});
});
