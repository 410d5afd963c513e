import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fillWithDemoData } from '../../lib/demo.js';
import { serveInbox } from '../support/serve.js';
import { openTemporaryDatabase } from '../support/temporary-database.js';
import { openPage } from './browser-page.js';
import { launchChromium } from './chromium.js';

/** The screenshots in the documentation; made by `npm run docs:picture`. */
const FOLDER = path.join(__dirname, '..', '..', '..', 'docs');

const VIEWPORT = { width: 1280, height: 800 };

async function makePictures(): Promise<void> {
	const database = await openTemporaryDatabase();
	await fillWithDemoData(database, Date.now());
	const inbox = await serveInbox(database);
	const browser = await launchChromium();
	const open = await openPage(browser, inbox, { viewport: VIEWPORT, timezoneId: 'UTC' });
	const save = (name: string) => open.page.screenshot({ path: path.join(FOLDER, `${name}.png`) });
	await mkdir(FOLDER, { recursive: true });
	await save('inbox');
	// delivered after several reports
	await open.go('/?mmStatus=Retrieved');
	await open.rows().nth(3).click();
	await open.page.locator('.timeline').first().waitFor();
	await open.live();
	await save('inbox-message');
	await open.go('/statistics?span=month');
	await save('inbox-statistics');
	await open.go('/refused');
	await save('inbox-refused');
	await browser.close();
	await inbox.close();
	await database.close();
}

makePictures().then(
	() => console.log(`saved four pictures in ${FOLDER}`),
	(error) => {
		console.error(error);
		process.exit(1);
	},
);
