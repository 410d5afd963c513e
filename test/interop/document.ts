import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, readMarkdown, tableAfter, tableUnder } from '../support/markdown.js';

const DOCUMENT = 'docs/interop.md';
const STACKS_HEADING = 'The stacks';
const CONCLUSIONS_HEADING = 'What they conclude';

/** The columns of the table of conclusions, the first with the names of the situations. */
export function documentedColumns(): string[][] {
	const rows = tableUnder(readMarkdown(DOCUMENT), CONCLUSIONS_HEADING);
	return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? ''));
}

/** Puts both tables into the document. */
export function writeTables(stacks: string, conclusions: string): void {
	replaceTable(STACKS_HEADING, stacks);
	replaceTable(CONCLUSIONS_HEADING, conclusions);
}

function replaceTable(heading: string, table: string): void {
	const file = path.join(ROOT, DOCUMENT);
	const old = tableAfter(readMarkdown(DOCUMENT), heading).raw.trimEnd();
	writeFileSync(
		file,
		readFileSync(file, 'utf8').replace(old, () => table),
	);
}
