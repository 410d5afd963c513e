import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { ServedInbox } from '../support/serve.js';
import { complaintsOf } from './chromium.js';

/** An open page of an inbox. */
export interface OpenPage {
	readonly page: Page;
	/** Errors and warnings of the browser. */
	readonly complaints: readonly string[];
	/** Opens a path of the inbox and waits until it is live. */
	go(path: string): Promise<void>;
	/** Waits until the page is live. */
	live(): Promise<void>;
	/** The rows of the list. */
	rows(): Locator;
	/** The MessageIDs in the list. */
	ids(): Promise<string[]>;
	/** The query without the time zone, which every address has. */
	query(): string;
	close(): Promise<void>;
}

/** Opens the page with its link, like a person, and then one of its paths. */
export async function openPage(
	browser: Browser,
	inbox: ServedInbox,
	options: BrowserContextOptions,
	path = '/',
): Promise<OpenPage> {
	const context: BrowserContext = await browser.newContext({ reducedMotion: 'reduce', ...options });
	const page = await context.newPage();
	const complaints = complaintsOf(page);
	const hasScripts = options.javaScriptEnabled !== false;
	const live = () => (hasScripts ? page.getByText(/^Live/).waitFor() : page.locator('main').waitFor());
	const rows = () => page.locator('.list tbody tr');
	const open: OpenPage = {
		page,
		complaints,
		live,
		rows,
		async go(path) {
			await page.goto(inbox.url + path);
			await live();
		},
		ids: () => rows().locator('.id a').allTextContents(),
		query: () => decodeURIComponent(new URL(page.url()).search.replace(/([?&])tz=[^&]*&?/, '$1').replace(/[?&]$/, '')),
		close: () => context.close(),
	};
	await page.goto(inbox.pageUrl);
	await live();
	if (path !== '/') await open.go(path);
	return open;
}
