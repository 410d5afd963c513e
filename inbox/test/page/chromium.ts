import { existsSync } from 'node:fs';
import { source } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';

/**
 * Starts the browser.
 *
 * @throws Error if it is not installed
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

/** Collects a page's errors and warnings, including violations of its policy. */
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
		// leaving a page aborts its requests
		const { errorText = '' } = request.failure() ?? {};
		if (errorText !== 'net::ERR_ABORTED') complaints.push(`${errorText}: ${request.url()}`);
	});
	return complaints;
}

/** Lists the accessibility violations that axe-core finds on a page: the rule and the element. */
export async function violationsOf(page: Page): Promise<string[]> {
	// through the debugger, to which the page's policy does not apply
	await page.evaluate(source);
	return page.evaluate(`axe.run().then(({ violations }) =>
		violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`);
}
