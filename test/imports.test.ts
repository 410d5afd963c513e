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
		.filter((file) => /\.[jt]sx?$/.test(file) && !file.includes('node_modules'))
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

/** The parts of the inbox, which app.ts, run.ts and main.ts wire. */
const PARTS = ['receiver', 'queue', 'page', 'operations'].map((part) => `inbox/lib/${part}`);
const WIRING = ['app', 'run', 'main'].map((name) => `inbox/lib/${name}.ts`);

const partOf = (file: string) => PARTS.find((part) => inside(file, [part]));
const houseOf = (file: string) => (/^(lib|inbox|examples)\//.exec(file) ?? [])[1];

const inside = (file: string, folders: readonly string[]) => folders.some((folder) => file.startsWith(`${folder}/`));

/** Directions in which nothing may be imported. Cycles are found by the linter. */
const FORBIDDEN: Readonly<Record<string, (one: Import) => boolean>> = {
	'a step never imports a later step': ({ from, to }) =>
		STEPS.includes(from) && STEPS.indexOf(to) > STEPS.indexOf(from),
	'what the steps read and write imports no step': ({ from, to }) =>
		inside(from, ['lib/charset', 'lib/http', 'lib/mime', 'lib/mm7', 'lib/soap', 'lib/xml']) &&
		inside(to, ['lib/steps']),
	'the receiver never imports the other end of the wire': ({ from, to }) =>
		inside(to, ['lib/provider']) && inside(from, ['lib']) && !inside(from, ['lib/provider']),
	'a part of the inbox knows the store, and no other part': ({ from, to }) =>
		partOf(from) !== undefined && ((partOf(to) ?? partOf(from)) !== partOf(from) || WIRING.includes(to)),
	'the store of the inbox knows no part': ({ from, to }) =>
		inside(from, ['inbox/lib/store']) && (partOf(to) !== undefined || WIRING.includes(to)),
	'a house is entered by the name of its package': ({ from, to }) =>
		houseOf(to) !== undefined && houseOf(to) !== houseOf(from) && !inside(from, ['test']),
	'nothing reaches into the inbox': ({ from, to }) => inside(to, ['inbox']) && !inside(from, ['inbox']),
};

describe('imports', () => {
	const imports = ['lib', 'inbox/lib', 'inbox/test', 'examples', 'test', 'bench'].flatMap(importsIn);

	it('are found for every step', () => {
		const files = readdirSync(path.join(ROOT, 'lib/steps')).map((file) => `lib/steps/${file}`);
		expect(STEPS).to.have.members(files);
		for (const step of STEPS) expect(imports.map(({ from }) => from)).to.include(step);
	});

	for (const [rule, isForbidden] of Object.entries(FORBIDDEN)) {
		it(rule, () => expect(imports.filter(isForbidden)).to.deep.equal([]));
	}

	it('are flagged if they point the wrong way', () => {
		const wrong: Readonly<Record<string, string>> = {
			'lib/steps/decode.ts': 'lib/steps/answer.ts',
			'lib/xml/parse.ts': 'lib/steps/decode.ts',
			'lib/middleware.ts': 'lib/provider/testing/index.ts',
			'inbox/lib/queue/consume.ts': 'inbox/lib/receiver/keeper.ts',
			'inbox/lib/store/database.ts': 'inbox/lib/page/pulse.ts',
			'examples/basic/app.ts': 'lib/index.ts',
			'test/properties.test.ts': 'inbox/lib/app.ts',
		};
		const flagged = Object.entries(wrong).map(([from, to]) =>
			Object.values(FORBIDDEN).findIndex((isForbidden) => isForbidden({ from, to })),
		);
		expect(flagged).to.deep.equal([...Object.keys(FORBIDDEN).keys()]);
	});
});
