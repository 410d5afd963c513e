import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';

const ROOT = path.join(__dirname, '../..');
/** The parts of the inbox. Each may import the store, and the files beside these folders that wire nothing. */
const PARTS = ['receiver', 'queue', 'page', 'operations'];
const WIRING = ['app.js', 'main.js', 'run.js'];

/** The relative imports of all files of a folder: the file and what it imports, both from the root. */
function importsOf(folder: string): [string, string][] {
	const files = readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
		.filter((file) => /\.[jt]sx?$/.test(file) && !/(^|\/)(node_modules|dist)\//.test(file))
		.map((file) => path.join(folder, file));
	return files.flatMap((file) => {
		const imports = readFileSync(path.join(ROOT, file), 'utf8').matchAll(
			/(?:from|import|import\(|require\() ?'(\.[^']+)'/g,
		);
		return [...imports].map(([, to = '']): [string, string] => [file, path.join(path.dirname(file), to)]);
	});
}

function offenders(folder: string, isForbidden: (to: string) => boolean): string[] {
	return importsOf(folder).flatMap(([file, to]) => (isForbidden(to) ? [`${file} imports ${to}`] : []));
}

describe('the imports of the inbox', () => {
	for (const part of [...PARTS, 'store']) {
		it(`lead from ${part} to the store and what all share only`, () => {
			const others = [...PARTS.filter((other) => other !== part).map((other) => `${other}/`), ...WIRING];
			const isOther = (to: string) => others.some((other) => to.startsWith(`inbox/lib/${other}`));
			expect(importsOf(`inbox/lib/${part}`)).not.to.deep.equal([]);
			expect(offenders(`inbox/lib/${part}`, isOther)).to.deep.equal([]);
		});
	}

	it('reach the middleware by its name', () => {
		expect(offenders('inbox/lib', (to) => !to.startsWith('inbox/lib/'))).to.deep.equal([]);
		expect(offenders('inbox/test', (to) => /^(lib|dist)\//.test(to))).to.deep.equal([]);
	});

	it('come from no other house', () => {
		for (const folder of ['lib', 'examples', 'test', 'bench']) {
			expect(offenders(folder, (to) => to.startsWith('inbox/'))).to.deep.equal([]);
		}
	});
});
