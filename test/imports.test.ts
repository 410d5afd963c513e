import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';

const FOLDER = path.join(__dirname, '..', 'lib', 'steps');

/** In the order of lib/middleware.ts; duplicates are detected while the handler runs. */
const STEPS = [
	...['admit', 'read-body', 'find-root-part', 'decode', 'read-envelope', 'read-report'],
	...['duplicates', 'run-handler', 'answer', 'send'],
];

function importsOf(step: string): string[] {
	const source = readFileSync(path.join(FOLDER, `${step}.ts`), 'utf8');
	return Array.from(source.matchAll(/'\.\/([\w-]+)\.js'/g), ([, imported = '']) => imported);
}

/** Biome checks all other import rules (biome.json). */
describe('the steps of a request', () => {
	it('never import a later step', () => {
		expect(readdirSync(FOLDER)).to.have.members(STEPS.map((step) => `${step}.ts`));
		expect(importsOf('run-handler')).to.include('duplicates');
		const wrong = STEPS.flatMap((step, index) =>
			importsOf(step).flatMap((other) => (STEPS.indexOf(other) > index ? `${step} imports ${other}` : [])),
		);
		expect(wrong).to.deep.equal([]);
	});
});
