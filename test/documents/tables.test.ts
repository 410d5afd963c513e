import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { ERRORS } from '../../lib/errors.js';
import { basicAuth, parseDeliveryReport } from '../../lib/index.js';
import { classifyMmStatus } from '../../lib/mm7/mm-status.js';
import { completeOptions } from '../../lib/options.js';
import { deliveryReportRequest } from '../../lib/provider/testing/index.js';
import { ROOT, readMarkdown, tableUnder } from '../support/markdown.js';

const README = readMarkdown('README.md');

/** The rows of a table in the README, by each of the names in the first cell. */
function rowsByName(heading: string): Map<string, string[]> {
	return new Map(
		tableUnder(README, heading).flatMap(([names = '', ...cells]) =>
			names.split(', ').map((name): [string, string[]] => [name, cells]),
		),
	);
}

/** Texts for an option that is not set. */
const ABSENT = ['none', 'all', 'off'];

/** The JavaScript value of a default. */
function readDefault(text: string): unknown {
	if (ABSENT.includes(text)) return undefined;
	return new Function(`return (${text});`)();
}

const DEFAULTS: Readonly<Record<string, unknown>> = { ...completeOptions() };

/** Passes the default to the code, which reads values such as '1mb'. */
function expectDefault(name: string, documented: string): void {
	const given: Readonly<Record<string, unknown>> = { ...completeOptions({ [name]: readDefault(documented) }) };
	expect(given[name]).to.deep.equal(DEFAULTS[name]);
	if (ABSENT.includes(documented)) expect(DEFAULTS[name]).to.equal(undefined);
}

/** An option in docs/options.md. */
interface OptionSection {
	readonly name: string;
	readonly default: string | undefined;
	readonly example: string | undefined;
	readonly errors: string | undefined;
}

function optionSections(): OptionSection[] {
	const page = readFileSync(path.join(ROOT, 'docs', 'options.md'), 'utf8');
	return [...page.matchAll(/^### (\w+)\n([^#]*(?:#(?!#)[^#]*)*)/gm)].map(([, name = '', text = '']) => {
		const item = (label: string) => new RegExp(`^- ${label}: (.+(?:\\n  .+)*)`, 'm').exec(text)?.[1];
		return {
			name,
			default: /^`?(\{[^`]+\}|'[^']*'|\w+)/.exec(item('Default') ?? '')?.[1],
			example: /^`(\{ [^`]+ \})`$/.exec(item('Example') ?? '')?.[1],
			errors: item('Errors'),
		};
	});
}

describe('docs/options.md', () => {
	const options = optionSections();

	it('has the options of the code, and no others', () => {
		expect(options.map(({ name }) => name).sort()).to.deep.equal(Object.keys(DEFAULTS).sort());
	});

	for (const { name, default: documented, example, errors } of options) {
		it(`gives the default of ${name}: ${documented}`, () => expectDefault(name, documented ?? ''));

		it(`shows an example of ${name} that the code accepts: ${example}`, () => {
			const value = new Function('basicAuth', `return (${example});`)(basicAuth) as object;
			expect(Object.keys(value)).to.deep.equal([name]);
			expect(() => completeOptions(value)).not.to.throw();
		});

		it(`lists only errors that exist for ${name}`, () => {
			const codes = [...(errors ?? '').matchAll(/ERR_MM7_\w+/g)].map(([code]) => code);
			expect([...Object.keys(ERRORS), 'ERR_MM7_HOOK', 'ERR_MM7_ALLOW_FROM_UNSET']).to.include.members(codes);
		});
	}
});

describe('the tables of the README', () => {
	for (const [name, [documented = '']] of rowsByName('Options')) {
		it(`give the default of ${name}: ${documented}`, () => expectDefault(name, documented));
	}

	it('name the fields of a report, and no others', async () => {
		const { body, headers } = deliveryReportRequest();
		const fields = Object.keys(await parseDeliveryReport(body, headers));
		expect([...rowsByName('The report').keys()].sort()).to.deep.equal(fields.sort());
	});

	it('are followed by a list of each MMStatus with its state', () => {
		const text = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
		const paragraph = /^States: (.*?)\n\n/ms.exec(text)?.[1]?.replaceAll('\n', ' ') ?? '';
		const [sentence = ''] = paragraph.split('. ');
		const clauses = sentence.split('; ');
		expect(clauses).to.have.length(4);
		for (const clause of clauses) {
			const words = [...clause.matchAll(/`(\w+)`/g)].map(([, word]) => word as string);
			const state = /(\w+)\.?$/.exec(clause)?.[1];
			expect(words).not.to.deep.equal([]);
			for (const word of words) expect(classifyMmStatus(word).state, word).to.equal(state);
		}
	});

	it('name all examples', () => {
		const folders = readdirSync(path.join(ROOT, 'examples'), { withFileTypes: true })
			.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
			.map(({ name }) => `examples/${name}`);
		expect(tableUnder(README, 'Examples').map(([name]) => name)).to.include.members(folders);
	});
});
