import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { lexer, type Token, type Tokens, walkTokens } from 'marked';

/** The root of the repository. */
export const ROOT = path.join(__dirname, '..', '..');

/** Folders with Markdown from other projects. */
const FOREIGN = new Set(['node_modules', 'dist', 'coverage', 'data', '.git', '.samples']);

/** All Markdown files of the repository, relative to its root. */
export function markdownFiles(folder = ''): string[] {
	return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
		const file = path.posix.join(folder, entry.name);
		if (entry.isDirectory()) return FOREIGN.has(entry.name) ? [] : markdownFiles(file);
		return entry.name.endsWith('.md') ? [file] : [];
	});
}

/** A Markdown file: its text, and its tokens as GitHub parses them. */
export interface Markdown {
	readonly text: string;
	readonly tokens: Token[];
}

export function readMarkdown(file: string): Markdown {
	const text = readFileSync(path.join(ROOT, file), 'utf8');
	return { text, tokens: lexer(text) };
}

/** All tokens of one kind, nested ones included. */
export function tokensOf<Kind extends Tokens.Generic>({ tokens }: Markdown, type: string): Kind[] {
	const found: Kind[] = [];
	walkTokens(tokens, (token) => {
		if (token.type === type) found.push(token as Kind);
	});
	return found;
}

/** The anchors that GitHub gives to the headings. */
export function anchorsOf(markdown: Markdown): Set<string> {
	return new Set(tokensOf<Tokens.Heading>(markdown, 'heading').map(({ tokens }) => slug(textOf(tokens))));
}

function slug(heading: string): string {
	return heading
		.toLowerCase()
		.replace(/[^\p{L}\p{N}_ -]/gu, '')
		.replaceAll(' ', '-');
}

/** The visible text of some tokens. */
function textOf(tokens: readonly Token[]): string {
	return tokens.map((token) => ('tokens' in token && token.tokens ? textOf(token.tokens) : plainText(token))).join('');
}

function plainText(token: Token): string {
	return 'text' in token ? String(token.text) : '';
}

/** A code block of a document. */
export interface CodeBlock {
	readonly lang: string;
	readonly value: string;
	/** The line of its first line of code, counted from 1. */
	readonly line: number;
}

/** Fenced code blocks in one of these languages. */
export function codeIn(markdown: Markdown, ...languages: readonly string[]): CodeBlock[] {
	const lines = markdown.text.split('\n');
	const fences = lines.flatMap((line, index) => (line.trimStart().startsWith('```') ? index : []));
	return tokensOf<Tokens.Code>(markdown, 'code')
		.map(({ lang = '', text }, index) => ({ lang, value: text, line: (fences[2 * index] ?? 0) + 2 }))
		.filter(({ lang }) => languages.includes(lang));
}

/** The first table after a heading. */
export function tableAfter({ tokens }: Markdown, heading: string): Tokens.Table {
	const start = tokens.findIndex((token) => token.type === 'heading' && textOf(token.tokens ?? []) === heading);
	const table = tokens.slice(start + 1).find((token): token is Tokens.Table => token.type === 'table');
	if (start === -1 || !table) throw new Error(`there is no table under "${heading}"`);
	return table;
}

/** The rows of the first table after a heading, as text, without the header row. */
export function tableUnder(markdown: Markdown, heading: string): string[][] {
	return tableAfter(markdown, heading).rows.map((row) => row.map(({ tokens }) => unescapeHtml(textOf(tokens))));
}

/** marked does not decode entities in text. */
function unescapeHtml(text: string): string {
	return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
