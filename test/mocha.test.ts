import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';

const FOLDERS = ['test/support', 'inbox/test/support'].map((folder) => path.join(__dirname, '..', folder));
/** `it` and the like as a value, such as `const itOnUnix = it;`. */
const KEPT = /[=?:] *(?:it|describe)(?:\.skip)? *[;,:?)]/;

describe('test support', () => {
	it("does not keep Mocha's functions, because those of one file do nothing in the next", () => {
		const sources = FOLDERS.flatMap((folder) =>
			readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')] as const),
		);
		expect('const itOnUnix = it;').to.match(KEPT);
		expect(sources.filter(([, source]) => KEPT.test(source)).map(([name]) => name)).to.deep.equal([]);
	});
});
