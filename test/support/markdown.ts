import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import GithubSlugger from 'github-slugger';
import type { Code, Nodes, Root, Table } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import { remark } from 'remark';
import remarkGfm from 'remark-gfm';
import { visit } from 'unist-util-visit';

/** The folder of the package. */
export const ROOT = path.join(__dirname, '..', '..');

/** Folders whose Markdown is not ours. */
const FOREIGN = new Set(['node_modules', 'dist', 'coverage', 'data', '.git', '.samples']);

/** All Markdown files of the repository, relative to its root. */
export function markdownFiles(folder = ''): string[] {
	return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
		const file = path.posix.join(folder, entry.name);
		if (entry.isDirectory()) return FOREIGN.has(entry.name) ? [] : markdownFiles(file);
		return entry.name.endsWith('.md') ? [file] : [];
	});
}

/** The syntax tree of a Markdown file, read as GitHub reads it. */
export function readMarkdown(file: string): Root {
	return remark()
		.use(remarkGfm)
		.parse(readFileSync(path.join(ROOT, file), 'utf8'));
}

/** Everything of one kind in a tree. */
export function nodesOf<Type extends Nodes['type']>(tree: Root, type: Type): Extract<Nodes, { type: Type }>[] {
	const found: Extract<Nodes, { type: Type }>[] = [];
	visit(tree, type, (node) => {
		found.push(node as Extract<Nodes, { type: Type }>);
	});
	return found;
}

/** The anchors that GitHub gives to the headings. */
export function anchorsOf(tree: Root): Set<string> {
	const slugger = new GithubSlugger();
	return new Set(nodesOf(tree, 'heading').map((heading) => slugger.slug(textOf(heading))));
}

/** Code blocks in one of these languages. */
export function codeIn(tree: Root, ...languages: readonly string[]): Code[] {
	return nodesOf(tree, 'code').filter(({ lang }) => languages.includes(lang ?? ''));
}

/** The line of the first line of a code block. */
export function lineOf(code: Code): number {
	return (code.position?.start.line ?? 0) + 1;
}

/** The first table behind a heading, as texts, without its head. */
export function tableUnder(tree: Root, heading: string): string[][] {
	const start = tree.children.findIndex((node) => node.type === 'heading' && textOf(node) === heading);
	const table = tree.children.slice(start + 1).find((node): node is Table => node.type === 'table');
	if (start === -1 || !table) throw new Error(`there is no table under "${heading}"`);
	return table.children.slice(1).map((row) => row.children.map((cell) => textOf(cell)));
}
