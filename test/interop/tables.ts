import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, readMarkdown, tableAfter, tableUnder } from '../support/markdown.js';
import type { Conclusion } from './driver.js';
import { applies, type Observation, SITUATIONS } from './situations.js';
import { STACKS, type Stack, stackVersion } from './stacks.js';

const DOCUMENT = 'docs/interop.md';
const STACKS_HEADING = 'The stacks';
const CONCLUSIONS_HEADING = 'What they conclude';
/** The cell of a situation that does not apply to a stack. */
const NOT_APPLICABLE = '–';

/** Conclusions by stack and by name of the situation. */
export type Conclusions = ReadonlyMap<Stack, ReadonlyMap<string, string>>;

/** The columns of the documented conclusions; the first contains the names of the situations. */
export function documentedColumns(): string[][] {
	const rows = tableUnder(readMarkdown(DOCUMENT), CONCLUSIONS_HEADING);
	return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? ''));
}

/** The column of a stack. */
export function columnOf(stack: Stack, conclusions: ReadonlyMap<string, string>): string[] {
	return SITUATIONS.map((situation) =>
		applies(situation, stack) ? (conclusions.get(situation.name) ?? '') : NOT_APPLICABLE,
	);
}

/** Describes the conclusions from all responses in a situation in a few words. */
export function inWords({ conclusions }: Observation): string {
	const word = ({ exception, vaspError, httpStatus, statusCode = 0 }: Conclusion) => {
		if (exception === undefined) return statusCode < 1000 || statusCode > 1999 ? `rejected: ${statusCode}` : 'accepted';
		if (vaspError !== undefined) return `fault: ${vaspError}`;
		return httpStatus === undefined ? 'error' : `HTTP ${httpStatus}`;
	};
	return [...new Set(conclusions.map(word))].join(', then ');
}

/** Writes both tables into the document, with the versions that are installed here. */
export function writeTables(conclusions: Conclusions): void {
	replaceTable(STACKS_HEADING, [
		['stack', 'version', 'its client'],
		...STACKS.map((stack) => [stack.name, stackVersion(stack) ?? '', stack.about]),
	]);
	const columns = [...conclusions].map(([stack, ofStack]) => columnOf(stack, ofStack));
	replaceTable(CONCLUSIONS_HEADING, [
		['', ...[...conclusions.keys()].map(({ name }) => name)],
		...SITUATIONS.map(({ name }, row) => [name, ...columns.map((column) => column[row] ?? '')]),
	]);
}

function replaceTable(heading: string, [head = [], ...rows]: readonly string[][]): void {
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n').replace('|  |', '| |');
	const file = path.join(ROOT, DOCUMENT);
	const old = tableAfter(readMarkdown(DOCUMENT), heading).raw.trimEnd();
	const text = readFileSync(file, 'utf8').replace(old, () => table);
	writeFileSync(file, text);
}
