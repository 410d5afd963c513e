import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Tokens } from 'marked';
import { anchorsOf, markdownFiles, ROOT, readMarkdown, tokensOf } from '../support/markdown.js';

/** All that a document links to. */
function targetsIn(document: string): string[] {
	const markdown = readMarkdown(document);
	const links = tokensOf<Tokens.Link>(markdown, 'link');
	return [...links, ...tokensOf<Tokens.Image>(markdown, 'image')].map(({ href }) => href);
}

const anchors = new Map<string, Set<string>>();

/** The anchors of a document, which is read once. */
function anchorsIn(document: string): Set<string> {
	const known = anchors.get(document) ?? anchorsOf(readMarkdown(document));
	anchors.set(document, known);
	return known;
}

/** Why a link of a document leads nowhere; nothing for one that leads somewhere, or to another site. */
function problemOf(document: string, target: string): string | undefined {
	if (/^(?:https?|mailto):/.test(target)) return URL.canParse(target) ? undefined : 'is no URL';
	const [file = '', anchor] = decodeURI(target).split('#');
	const absolute = file === '' ? path.join(ROOT, document) : path.join(ROOT, path.dirname(document), file);
	const relative = path.relative(ROOT, absolute);
	if (relative.startsWith('..')) return 'leads out of the repository';
	if (!existsSync(absolute)) return 'does not exist';
	if (anchor === undefined) return undefined;
	if (statSync(absolute).isDirectory() || !relative.endsWith('.md')) return 'has an anchor, but is no Markdown';
	return anchorsIn(relative).has(anchor) ? undefined : 'has no such heading';
}

describe('the links of the documents', () => {
	it('are found', () => {
		expect(targetsIn('README.md')).to.include.members(['docs/hosting.md', 'LICENSE']);
	});

	it('are found to be wrong', () => {
		expect(problemOf('docs/errors.md', 'nothing.md')).to.equal('does not exist');
		expect(problemOf('docs/errors.md', '#nothing')).to.equal('has no such heading');
		expect(problemOf('docs/errors.md', '../../nothing')).to.equal('leads out of the repository');
		expect(problemOf('docs/errors.md', 'https://')).to.equal('is no URL');
		expect(problemOf('docs/errors.md', '../README.md#options')).to.equal(undefined);
	});

	for (const document of markdownFiles()) {
		it(`lead to something: ${document}`, () => {
			const problems = targetsIn(document).flatMap((target) => {
				const problem = problemOf(document, target);
				return problem === undefined ? [] : [`${target} ${problem}`];
			});
			expect(problems).to.deep.equal([]);
		});
	}
});
