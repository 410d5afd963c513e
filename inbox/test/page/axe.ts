import { source } from 'axe-core';
import type { Page } from 'playwright-core';

/** Lists the accessibility violations that axe-core finds on a page: the rule and the element. */
export async function violationsOf(page: Page): Promise<string[]> {
	// through the debugger, to which the page's policy does not apply
	await page.evaluate(source);
	return page.evaluate(`axe.run().then(({ violations }) =>
		violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`);
}
