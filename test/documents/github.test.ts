import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { NODE_LINES } from '../package/versions.js';
import { ROOT } from '../support/markdown.js';

const GITHUB = path.join(ROOT, '.github');

function readYaml<Shape>(...file: string[]): Shape {
	return parse(readFileSync(path.join(GITHUB, ...file), 'utf8')) as Shape;
}

interface Workflow {
	readonly permissions: Readonly<Record<string, string>>;
	readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
	readonly strategy: { readonly matrix: { readonly node: readonly string[] } };
	readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
}

interface Form {
	readonly name: string;
	readonly description: string;
	readonly body: readonly {
		readonly type: string;
		readonly id?: string;
		readonly attributes: { readonly label?: string };
	}[];
}

describe('.github', () => {
	describe('the workflow', () => {
		const { permissions, jobs } = readYaml<Workflow>('workflows', 'ci.yml');

		it('may read the repository and nothing else', () => {
			expect(permissions).to.deep.equal({ contents: 'read' });
		});

		it('runs what a maintainer runs, on every version of Node.js that is served', () => {
			const job = jobs['ci'];
			const { engines } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
			const runs = job?.steps.flatMap(({ run }) => run ?? []) ?? [];
			expect(runs).to.deep.equal(['.ci/run']);
			expect(existsSync(path.join(ROOT, '.ci', 'run'))).to.equal(true);
			expect(`>=${job?.strategy.matrix.node[0]}`).to.equal(engines.node);
			expect(job?.strategy.matrix.node.slice(1)).to.deep.equal(NODE_LINES);
		});

		it('takes each action at one commit, and says which version that is', () => {
			const text = readFileSync(path.join(GITHUB, 'workflows', 'ci.yml'), 'utf8');
			const uses = text.split('\n').filter((line) => /^\s*(?:- )?uses:/.test(line));
			expect(uses).not.to.deep.equal([]);
			for (const line of uses) expect(line).to.match(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
		});
	});

	for (const file of readdirSync(path.join(GITHUB, 'ISSUE_TEMPLATE')).filter((name) => name !== 'config.yml')) {
		it(`has a form that asks for the raw request: ${file}`, () => {
			const { name, description, body } = readYaml<Form>('ISSUE_TEMPLATE', file);
			expect(name).to.be.a('string');
			expect(description).to.be.a('string');
			const questions = body.filter(({ type }) => type !== 'markdown');
			for (const { id, attributes } of questions) expect(`${id}: ${attributes.label}`).not.to.include('undefined');
			expect(questions.map(({ id }) => id)).to.include('request');
		});
	}
});
