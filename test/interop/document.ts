import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Table } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import { ROOT, readMarkdown, tableUnder } from '../support/markdown.js';

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
	const text = readFileSync(file, 'utf8');
	const { children } = readMarkdown(DOCUMENT);
	const start = children.findIndex((node) => node.type === 'heading' && textOf(node) === heading);
	const old = children.slice(start + 1).find((node): node is Table => node.type === 'table');
	if (start === -1 || !old?.position) throw new Error(`there is no table under "${heading}" in ${DOCUMENT}`);
	const { start: from, end: to } = old.position;
	writeFileSync(file, text.slice(0, from.offset) + table + text.slice(to.offset));
}
