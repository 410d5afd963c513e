import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Tokens } from 'marked';
import { anchorsOf, markdownFiles, ROOT, readMarkdown, tokensOf } from '../support/markdown.js';

/** The targets of all links in a document. */
function targetsIn(document: string): string[] {
	const markdown = readMarkdown(document);
	const links = tokensOf<Tokens.Link>(markdown, 'link');
	return [...links, ...tokensOf<Tokens.Image>(markdown, 'image')].map(({ href }) => href);
}

/** Returns the problem of a broken link; `undefined` for a working one, and for one to another site. */
function problemOf(document: string, target: string): string | undefined {
	if (/^(?:https?|mailto):/.test(target)) return URL.canParse(target) ? undefined : 'is not a URL';
	const [file = '', anchor] = decodeURI(target).split('#');
	const absolute = file === '' ? path.join(ROOT, document) : path.join(ROOT, path.dirname(document), file);
	const relative = path.relative(ROOT, absolute);
	if (relative.startsWith('..')) return 'is outside the repository';
	if (!existsSync(absolute)) return 'does not exist';
	if (anchor === undefined) return undefined;
	if (statSync(absolute).isDirectory() || !relative.endsWith('.md')) return 'has an anchor, but is not Markdown';
	return anchorsOf(readMarkdown(relative)).has(anchor) ? undefined : 'has no such heading';
}

describe('the links of the documents', () => {
	it('are found, and checked', () => {
		expect(targetsIn('README.md')).to.include.members(['docs/hosting.md', 'LICENSE']);
		expect(problemOf('docs/errors.md', 'nothing.md')).to.equal('does not exist');
		expect(problemOf('docs/errors.md', '#nothing')).to.equal('has no such heading');
		expect(problemOf('docs/errors.md', '../../nothing')).to.equal('is outside the repository');
		expect(problemOf('docs/errors.md', 'https://')).to.equal('is not a URL');
		expect(problemOf('docs/errors.md', '../README.md#options')).to.equal(undefined);
	});

	for (const document of markdownFiles()) {
		it(`work in ${document}`, () => {
			const problems = targetsIn(document).flatMap((target) => {
				const problem = problemOf(document, target);
				return problem === undefined ? [] : [`${target} ${problem}`];
			});
			expect(problems).to.deep.equal([]);
		});
	}
});
