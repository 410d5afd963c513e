import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { cycleIn, type Import, importsIn } from './support/imports.js';

/** The steps of a request, in the order of lib/middleware.ts; duplicates are watched while the handler runs. */
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
];

/** What the steps read and write, and to which no step may be known. */
const BELOW_THE_STEPS = ['http', 'charset', 'mime', 'xml', 'mm7', 'soap'];
/** Entry points of their own, which nothing of the middleware needs. */
const SEPARATE = ['testing', 'conformance', 'simulator'];

const folderOf = (file: string) => /^lib\/(\w+)\//.exec(file)?.[1] ?? '';
const stepOf = (file: string) => STEPS.indexOf(/^lib\/steps\/(.+)\.ts$/.exec(file)?.[1] ?? '');
const arrow = ({ from, to }: Import) => `${from} → ${to}`;

const toLaterSteps = (imports: readonly Import[]) =>
	imports.filter(({ from, to }) => stepOf(from) !== -1 && stepOf(to) > stepOf(from));
const fromBelowToSteps = (imports: readonly Import[]) =>
	imports.filter(({ from, to }) => BELOW_THE_STEPS.includes(folderOf(from)) && folderOf(to) === 'steps');
const toSeparate = (imports: readonly Import[]) =>
	imports.filter(({ from, to }) => SEPARATE.includes(folderOf(to)) && !SEPARATE.includes(folderOf(from)));

describe('the imports of lib', function () {
	this.timeout(30_000);
	let imports: Import[];
	before(() => {
		imports = importsIn('lib/**/*.ts');
	});

	it('are found, of types too', () => {
		const [admit, request] = ['lib/steps/admit.ts', 'lib/request.ts'];
		expect(imports).to.deep.include({ from: admit, to: 'lib/errors.ts', typeOnly: false });
		expect(imports).to.deep.include({ from: admit, to: request, typeOnly: true });
		expect(imports).to.deep.include({ from: request, to: 'express', typeOnly: true });
		expect(imports).to.deep.include({ from: 'lib/index.ts', to: 'lib/middleware.ts', typeOnly: false });
	});

	it('name every step in the order of a request', () => {
		const files = readdirSync(join(__dirname, '../lib/steps')).map((file) => file.replace(/\.ts$/, ''));
		expect(STEPS).to.have.members(files);
	});

	it('lead from no step to a later one', () => {
		const back = { from: 'lib/steps/decode.ts', to: 'lib/steps/answer.ts', typeOnly: true };
		expect(toLaterSteps([back])).to.deep.equal([back]);
		expect(toLaterSteps(imports).map(arrow)).to.deep.equal([]);
	});

	it(`lead from ${BELOW_THE_STEPS.join(', ')} to no step`, () => {
		const up = { from: 'lib/xml/parse.ts', to: 'lib/steps/decode.ts', typeOnly: true };
		expect(fromBelowToSteps([up])).to.deep.equal([up]);
		expect(fromBelowToSteps(imports).map(arrow)).to.deep.equal([]);
	});

	it('lead to no separate entry point', () => {
		const across = { from: 'lib/middleware.ts', to: 'lib/testing/index.ts', typeOnly: false };
		expect(toSeparate([across])).to.deep.equal([across]);
		expect(toSeparate(imports).map(arrow)).to.deep.equal([]);
	});

	it('lead nowhere from errors.ts', () => {
		expect(imports.filter(({ from }) => from === 'lib/errors.ts').map(arrow)).to.deep.equal([]);
		expect(imports.some(({ to }) => to === 'lib/errors.ts')).to.equal(true);
	});

	it('lead nowhere back to where they began', () => {
		const circle = ['a', 'b', 'c'].map((from, index, all) => ({
			from,
			to: all[(index + 1) % 3] ?? '',
			typeOnly: false,
		}));
		expect(cycleIn(circle)).to.deep.equal(['a', 'b', 'c', 'a']);
		expect(cycleIn(imports.filter(({ typeOnly }) => !typeOnly))).to.equal(undefined);
	});
});
