import { source } from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe-core objects to on a page as it is: the rule, and where. */
export async function violationsOf(page: Page): Promise<string[]> {
	// through the debugger, which the policy of the page does not concern
	await page.evaluate(source);
	return page.evaluate(`axe.run().then(({ violations }) =>
		violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`);
}
