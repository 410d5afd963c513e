import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';

/**
 * Starts the browser.
 *
 * @throws Error where it is not installed
 */
export async function launchChromium(): Promise<Browser> {
	if (!existsSync(EXECUTABLE)) throw new Error(`No ${EXECUTABLE}: install Debian's package "chromium"`);
	return chromium.launch({
		executablePath: EXECUTABLE,
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
		],
	});
}

/** Collects everything that a page complains about: errors, and what its policy stopped. */
export function complaintsOf(page: Page): string[] {
	const complaints: string[] = [];
	page.on('console', (message) => {
		if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
	});
	page.on('pageerror', (error) => complaints.push(error.message));
	page.on('dialog', (dialog) => {
		complaints.push(`dialog: ${dialog.message()}`);
		void dialog.dismiss();
	});
	page.on('requestfailed', (request) => {
		// what is not needed any more when a page is left is no failure
		const { errorText = '' } = request.failure() ?? {};
		if (errorText !== 'net::ERR_ABORTED') complaints.push(`${errorText}: ${request.url()}`);
	});
	return complaints;
}
