import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Tokens } from 'marked';
import { parseArguments } from '../../lib/provider/simulator/arguments.js';
import { messageLives } from '../../lib/provider/simulator/message-lives.js';
import { codeIn, markdownFiles, ROOT, readMarkdown, tokensOf } from '../support/markdown.js';

interface Manifest {
	readonly scripts?: Readonly<Record<string, string>>;
	readonly bin?: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
	return JSON.parse(readFileSync(path.join(ROOT, folder, 'package.json'), 'utf8'));
}

/** A command, and the folders in which it may run. */
interface Command {
	readonly text: string;
	readonly folders: readonly string[];
}

/**
 * The npm and npx commands in a document. Those in shell blocks run in the root of the repository; those in the text may
 * also run in the package of the document.
 */
function commandsIn(document: string): Command[] {
	const tree = readMarkdown(document);
	const blocks = codeIn(tree, 'sh').flatMap(({ value }) => value.replaceAll('\\\n', ' ').split('\n'));
	const inline = tokensOf<Tokens.Codespan>(tree, 'codespan').map(({ text }) => text);
	const own = path.dirname(document);
	const homes = existsSync(path.join(ROOT, own, 'package.json')) ? ['', own] : [''];
	return [
		...blocks.flatMap(split).map((text) => ({ text, folders: [''] })),
		...inline.flatMap(split).map((text) => ({ text, folders: homes })),
	];
}

function split(line: string): string[] {
	return line
		.replace(/#.*/, '')
		.split('&&')
		.map((command) => command.trim())
		.filter((command) => /^np[mx] /.test(command));
}

/** Returns the reason why a command cannot run in any of its folders; `undefined` if it can. */
function problemOf({ text, folders }: Command): string | undefined {
	const problems = folders.map((folder) => problemIn(folder, text));
	return problems.includes(undefined) ? undefined : `${text}: ${problems[0]}`;
}

function problemIn(folder: string, command: string): string | undefined {
	const [program, ...words] = command.split(/\s+/);
	const home = /--workspace[= ](\S+)/.exec(command)?.[1] ?? folder;
	if (!existsSync(path.join(ROOT, home, 'package.json'))) return `there is no package ${home}`;
	if (program === 'npx') {
		const bin = words.findIndex((word) => !word.startsWith('-'));
		return problemOfBin(words[bin] ?? '') ?? problemOfArguments(words.slice(bin));
	}
	if (['ci', 'install', 'view', 'pack', 'audit', 'sbom', 'publish', 'deprecate'].includes(words[0] ?? ''))
		return undefined;
	const script = words[0] === 'run' ? words[1] : words[0];
	return script !== undefined && manifestOf(home).scripts?.[script] ? undefined : `there is no script ${script}`;
}

function problemOfBin(name: string): string | undefined {
	// npx downloads anyone's package of that name, unless it is ours or installed in this repository
	const isOurs = ['', 'inbox'].some((folder) => manifestOf(folder).bin?.[name] !== undefined);
	return isOurs || existsSync(path.join(ROOT, 'node_modules', '.bin', name))
		? undefined
		: `there is no program ${name}`;
}

/** Returns the reason why our program rejects these arguments. */
function problemOfArguments([program, command, ...args]: readonly string[]): string | undefined {
	if (program !== 'mm7-delivery-reports' || command !== 'simulate') return undefined;
	try {
		parseArguments(args, 0);
		return undefined;
	} catch (error) {
		return (error as Error).message;
	}
}

describe('the commands of the documents', () => {
	it('are found, and checked', () => {
		expect(commandsIn('README.md').map(({ text }) => text)).to.include.members(['npm ci', 'npm start', 'npm test']);
		const inRoot = (text: string) => problemOf({ text, folders: [''] });
		expect(inRoot('npm run nothing')).to.include('there is no script nothing');
		expect(inRoot('npm start --workspace examples/nothing')).to.include('there is no package examples/nothing');
		expect(inRoot('npx mm7-delivery-reports simulate http://localhost --fast')).to.include('--fast');
		expect(inRoot('npx nothing')).to.include('there is no program nothing');
	});

	for (const document of markdownFiles()) {
		it(`can run: ${document}`, () => {
			expect(commandsIn(document).flatMap((command) => problemOf(command) ?? [])).to.deep.equal([]);
		});
	}

	it('print the counts that docs/testing.md shows', () => {
		const [printed = ''] = codeIn(readMarkdown('docs/testing.md'), 'text').map(({ value }) => value);
		const [args = ''] = commandsIn('docs/testing.md').map(({ text }) => / simulate (http.*)/.exec(text)?.[1] ?? '');
		const { simulation } = parseArguments(args.split(/\s+/), 0);
		const reports = [...messageLives(simulation, new Date())].flatMap(({ reports }) => reports);
		expect(printed).to.match(new RegExp(`^reports sent +${reports.length}$`, 'm'));
		const duplicates = reports.filter(({ duplicated }) => duplicated).length;
		expect(printed).to.match(new RegExp(`^duplicates sent +${duplicates}$`, 'm'));
	});

	for (const document of markdownFiles()) {
		const blocks = codeIn(readMarkdown(document), 'json');
		if (blocks.length === 0) continue;
		it(`are next to valid JSON: ${document}`, () => {
			for (const { value } of blocks) expect(() => JSON.parse(value)).not.to.throw();
		});
	}
});

describe('the scripts of the packages', () => {
	for (const folder of ['', 'inbox', ...readdirSync(path.join(ROOT, 'examples')).map((name) => `examples/${name}`)]) {
		if (!existsSync(path.join(ROOT, folder, 'package.json'))) continue;
		it(`need no Unix shell: ${folder || 'root'}`, () => {
			// variables and their assignments, quotes and separators that cmd.exe does not know, and Unix programs
			const unix = /\$|^\w+=|&& *\w+=|^'| '|;|^(?:rm|cp|mv|mkdir|chmod) |&& *(?:rm|cp|mv|mkdir|chmod) /;
			const scripts = Object.values(manifestOf(folder).scripts ?? {});
			expect(scripts.filter((script) => unix.test(script))).to.deep.equal([]);
		});
	}
});
