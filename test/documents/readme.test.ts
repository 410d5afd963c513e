import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { toString as textOf } from 'mdast-util-to-string';
import { nodesOf, ROOT, readMarkdown } from '../support/markdown.js';

describe('the README', () => {
	it('goes from what one needs first to what one needs last', () => {
		const headings = nodesOf(readMarkdown('README.md'), 'heading').filter(({ depth }) => depth === 2);
		expect(headings.map((heading) => textOf(heading))).to.deep.equal([
			'Install',
			'Use',
			'Examples',
			'What happens to a request',
			'Options',
			'The handler',
			'The report',
			'Errors',
			'Hosting',
			'Testing your app',
			'Security',
			'More',
			'Licence',
		]);
	});
});

describe('the changelog', () => {
	it('has the version of package.json first, and a date for each', () => {
		const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
		const headings = nodesOf(readMarkdown('CHANGELOG.md'), 'heading').filter(({ depth }) => depth === 2);
		const [unreleased, newest, ...others] = headings.map((heading) => textOf(heading));
		expect(unreleased).to.equal('Unreleased');
		expect(newest?.startsWith(`[${version}] - `), newest).to.equal(true);
		for (const heading of [newest, ...others]) expect(heading).to.match(/^\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}$/);
	});
});
