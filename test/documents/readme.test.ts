import { expect } from 'chai';
import { toString as textOf } from 'mdast-util-to-string';
import { nodesOf, readMarkdown } from '../support/markdown.js';

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
