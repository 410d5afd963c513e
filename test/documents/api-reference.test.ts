import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { Node } from 'ts-morph';
import { entryPoints } from '../../scripts/api-reference/entry-points.js';
import { membersOf } from '../../scripts/api-reference/members.js';
import { apiReference } from '../../scripts/api-reference/page.js';
import { tsDocOf } from '../../scripts/api-reference/tsdoc.js';
import { ROOT } from '../support/markdown.js';

describe('docs/api.md', function () {
	this.timeout(60_000);

	const entries = entryPoints(ROOT);

	it('is what npm run docs makes of the declarations', () => {
		expect(readFileSync(path.join(ROOT, 'docs', 'api.md'), 'utf8')).to.equal(apiReference(ROOT));
	});

	it('has the entry points that package.json exports', () => {
		const { exports } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { exports: object };
		const doors = Object.keys(exports).filter((subpath) => subpath !== './package.json');
		expect(entries.map(({ specifier }) => specifier)).to.deep.equal(
			doors.map((subpath) => path.posix.join('mm7-delivery-reports', subpath)),
		);
	});

	for (const { specifier, exports } of entries) {
		describe(specifier, () => {
			for (const { name, declaration } of exports) {
				it(`says what ${name} is, and each of its members`, () => {
					expect(tsDocOf(declaration).summary).not.to.equal('');
					const silent = membersOf(declaration).filter(
						({ doc: { summary, params, returns } }) => summary === '' && params.length === 0 && returns === undefined,
					);
					expect(silent.map((member) => member.name)).to.deep.equal([]);
				});

				it(`says what the parameters of ${name} are, under the names that they have`, () => {
					if (!Node.isFunctionDeclaration(declaration)) return;
					const names = declaration.getParameters().map((parameter) => parameter.getName());
					expect(names).to.include.members(tsDocOf(declaration).params.map((param) => param.name));
				});
			}
		});
	}
});
