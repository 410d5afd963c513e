import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseDeliveryReport } from 'mm7-delivery-reports';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { reportRequest } from '../support/report-request.js';
import { serveInbox } from '../support/serve.js';
import { openTemporaryDatabase } from '../support/temporary-database.js';
import { launchChromium } from './chromium.js';

/** The screenshot in the documentation; made by `npm run docs:picture`. */
const FILE = path.join(__dirname, '..', '..', '..', 'docs', 'inbox.png');

/** Reports, oldest first: MMStatus, StatusText, operator, and age in minutes. */
const REPORTS = [
	['Retrieved', 'Success', '31003', 64],
	['Rejected', 'Recipient has no MMS', '31026', 58],
	['Retrieved', 'Success', '31003', 41],
	['Expired', 'Not fetched in 72 hours', '31026', 33],
	['Retrieved', 'Success', '31012', 27],
	['Deferred', 'Handset is switched off', '31003', 16],
	['Retrieved', 'Success', '31012', 9],
	['Indeterminate', 'No answer from the operator', '31077', 5],
	['Forwarded', 'Sent on to the operator', '31003', 2],
	['Retrieved', 'Success', '31026', 1],
] as const;

async function makePicture(): Promise<void> {
	const database = await openTemporaryDatabase();
	const reports = new ReportRepository(database);
	const now = Date.parse('2026-07-07T14:05:00Z');
	for (const [index, [mmStatus, statusText, operatorId, minutes]] of REPORTS.entries()) {
		const messageId = `4800000000${String(70_154_321 + index * 3_977_041).padStart(8, '0')}`;
		const recipient = `1201555${String(100 + ((index * 37) % 100)).padStart(4, '0')}`;
		const { body, headers } = reportRequest({ messageId, recipient, mmStatus, statusText });
		const report = await parseDeliveryReport(body, headers);
		await reports.store({ ...report, operatorId, receivedAt: new Date(now - minutes * 61_000) });
	}
	const inbox = await serveInbox(database);
	const browser = await launchChromium();
	const page = await browser.newPage({ viewport: { width: 1200, height: 790 }, timezoneId: 'UTC' });
	await page.goto(inbox.pageUrl);
	await page.getByText(/^Live, last report/).waitFor();
	await mkdir(path.dirname(FILE), { recursive: true });
	await page.screenshot({ path: FILE });
	await browser.close();
	await inbox.close();
	await database.close();
}

makePicture().then(
	() => console.log(`saved ${FILE}`),
	(error) => {
		console.error(error);
		process.exit(1);
	},
);
