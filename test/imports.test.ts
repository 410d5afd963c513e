import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';

const ROOT = path.join(__dirname, '..');

/** The steps of a request, in the order of lib/middleware.ts; duplicates are detected while the handler runs. */
const STEPS = [
	'admit',
	'read-body',
	'find-root-part',
	'decode',
	'read-envelope',
	'read-report',
	'duplicates',
	'run-handler',
	'answer',
	'send',
].map((step) => `lib/steps/${step}.ts`);

/** A file and a module that it imports, types included. */
interface Import {
	readonly from: string;
	/** A path from the root of the repository, or the name of a package. */
	readonly to: string;
}

function importsIn(folder: string): Import[] {
	return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
		.filter((file) => /\.tsx?$/.test(file))
		.map((file) => path.posix.join(folder, file))
		.flatMap((from) =>
			[...readFileSync(path.join(ROOT, from), 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(
				([, to = '']) => ({
					from,
					to: to.startsWith('.') ? path.posix.join(path.dirname(from), to.replace(/\.js$/, '.ts')) : to,
				}),
			),
		);
}

const inside = (file: string, folders: readonly string[]) => folders.some((folder) => file.startsWith(`${folder}/`));

/** Directions in which nothing may be imported. Cycles are found by the linter. */
const FORBIDDEN: Readonly<Record<string, (one: Import) => boolean>> = {
	'a step never imports a later step': ({ from, to }) =>
		STEPS.includes(from) && STEPS.indexOf(to) > STEPS.indexOf(from),
	'what the steps read and write imports no step': ({ from, to }) =>
		inside(from, ['lib/charset', 'lib/http', 'lib/mime', 'lib/mm7', 'lib/soap', 'lib/xml']) &&
		inside(to, ['lib/steps']),
	'the receiver never imports the other end of the wire': ({ from, to }) =>
		inside(to, ['lib/provider']) && !inside(from, ['lib/provider']),
};

describe('imports', () => {
	const imports = importsIn('lib');

	it('are found for every step', () => {
		const files = readdirSync(path.join(ROOT, 'lib/steps')).map((file) => `lib/steps/${file}`);
		expect(STEPS).to.have.members(files);
		for (const step of STEPS) expect(imports.map(({ from }) => from)).to.include(step);
	});

	for (const [rule, isForbidden] of Object.entries(FORBIDDEN)) {
		it(rule, () => expect(imports.filter(isForbidden)).to.deep.equal([]));
	}

	it('are flagged if they point the wrong way', () => {
		const wrong = [
			{ from: 'lib/steps/decode.ts', to: 'lib/steps/answer.ts' },
			{ from: 'lib/xml/parse.ts', to: 'lib/steps/decode.ts' },
			{ from: 'lib/middleware.ts', to: 'lib/provider/testing/index.ts' },
		];
		const rules = Object.values(FORBIDDEN);
		expect(wrong.map((one) => rules.map((isForbidden) => isForbidden(one)))).to.deep.equal([
			[true, false, false],
			[false, true, false],
			[false, false, true],
		]);
	});
});
