import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parseDeliveryReport } from '../../lib/index.js';
import { classifyMmStatus } from '../../lib/mm7/mm-status.js';
import { completeOptions } from '../../lib/options.js';
import { deliveryReportRequest } from '../../lib/testing/index.js';
import { ROOT, readMarkdown, tableUnder } from '../support/markdown.js';

const README = readMarkdown('README.md');

/** The rows of a table by each of the names in their first cell. */
function rowsByName(heading: string): Map<string, string[]> {
	return new Map(
		tableUnder(README, heading).flatMap(([names = '', ...cells]) => {
			const all = names.split(', ');
			// `512, 32, 64` for three names, or one text for all of them
			const values = (cells[0] ?? '').split(', ');
			return all.map((name, index): [string, string[]] => {
				const own = values.length === all.length ? (values[index] ?? '') : (cells[0] ?? '');
				return [name, [own, ...cells.slice(1)]];
			});
		}),
	);
}

/** Words of the table for an option that is not set. */
const ABSENT = ['none', 'all', 'off'];

/** A cell as a JavaScript value. */
function readCell(cell: string): unknown {
	if (ABSENT.includes(cell)) return undefined;
	return JSON.parse(cell.replaceAll("'", '"'));
}

describe('the tables of the README', () => {
	describe('Options', () => {
		const rows = rowsByName('Options');
		const defaults: Readonly<Record<string, unknown>> = { ...completeOptions() };

		it('name the options of the code, and no others', () => {
			expect([...rows.keys()].sort()).to.deep.equal(Object.keys(defaults).sort());
		});

		for (const [name, [documented = '']] of rows) {
			it(`give the default of ${name}: ${documented}`, () => {
				// read by the code, so that '1mb' is what the code makes of it
				const given: Readonly<Record<string, unknown>> = { ...completeOptions({ [name]: readCell(documented) }) };
				expect(given[name]).to.deep.equal(defaults[name]);
				if (ABSENT.includes(documented)) expect(defaults[name]).to.equal(undefined);
			});
		}
	});

	it('name the fields of a report, and no others', async () => {
		const { body, headers } = deliveryReportRequest();
		const fields = Object.keys(await parseDeliveryReport(body, headers));
		expect([...rowsByName('The report').keys()].sort()).to.deep.equal(fields.sort());
	});

	it('and the words below them give each MMStatus its state', () => {
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
