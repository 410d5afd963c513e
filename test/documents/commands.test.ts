import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { codeIn, markdownFiles, nodesOf, ROOT, readMarkdown } from '../support/markdown.js';

interface Manifest {
	readonly scripts?: Readonly<Record<string, string>>;
	readonly bin?: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
	return JSON.parse(readFileSync(path.join(ROOT, folder, 'package.json'), 'utf8'));
}

/** The commands of npm and npx in a document, in its shell blocks and in its text. */
function commandsIn(document: string): string[] {
	const tree = readMarkdown(document);
	const blocks = codeIn(tree, 'sh').flatMap(({ value }) => value.replaceAll('\\\n', ' ').split('\n'));
	const inline = nodesOf(tree, 'inlineCode').map(({ value }) => value);
	return [...blocks, ...inline]
		.flatMap((line) => line.replace(/#.*/, '').split('&&'))
		.map((command) => command.trim())
		.filter((command) => /^np[mx] /.test(command));
}

/** Why a command cannot be run in the root of the repository. */
function problemOf(command: string): string | undefined {
	const [program, ...words] = command.split(/\s+/);
	const workspace = /--workspace[= ](\S+)/.exec(command)?.[1] ?? '';
	if (!existsSync(path.join(ROOT, workspace, 'package.json'))) return `there is no package ${workspace}`;
	if (program === 'npx') return problemOfBin(words.filter((word) => !word.startsWith('-'))[0] ?? '');
	if (['ci', 'install', 'view', 'pack', 'audit'].includes(words[0] ?? '')) return undefined;
	const script = words[0] === 'run' ? words[1] : words[0];
	return script !== undefined && manifestOf(workspace).scripts?.[script] ? undefined : `there is no script ${script}`;
}

function problemOfBin(name: string): string | undefined {
	const isOurs = manifestOf('').bin?.[name] !== undefined || name === 'mm7-delivery-reports';
	return isOurs || existsSync(path.join(ROOT, 'node_modules', '.bin', name))
		? undefined
		: `there is no program ${name}`;
}

describe('the commands of the documents', () => {
	it('are found', () => {
		expect(commandsIn('README.md')).to.include.members(['npm ci', 'npm start', 'npm test']);
	});

	it('are found to be wrong', () => {
		expect(problemOf('npm run nothing')).to.equal('there is no script nothing');
		expect(problemOf('npm start --workspace examples/nothing')).to.equal('there is no package examples/nothing');
		expect(problemOf('npx nothing')).to.equal('there is no program nothing');
	});

	for (const document of markdownFiles()) {
		it(`can be run: ${document}`, () => {
			const problems = commandsIn(document).flatMap((command) => {
				const problem = problemOf(command);
				return problem === undefined ? [] : [`${command}: ${problem}`];
			});
			expect(problems).to.deep.equal([]);
		});
	}

	for (const document of markdownFiles()) {
		const blocks = codeIn(readMarkdown(document), 'json');
		if (blocks.length === 0) continue;
		it(`stand beside JSON that can be read: ${document}`, () => {
			for (const { value } of blocks) expect(() => JSON.parse(value)).not.to.throw();
		});
	}
});
