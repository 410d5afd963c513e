import { existsSync, readFileSync } from 'node:fs';

/**
 * Adds the variables of a `.env` file to `process.env`; variables that are already set win. A missing file counts as
 * empty. Node.js cuts an unquoted value at any `#` and drops text after a closing quote. Such a line is an error, because
 * half a password would be used otherwise.
 *
 * @throws Error whose message names each ambiguous line and quotes no value
 */
export function loadEnvFile(file: string): void {
	if (!existsSync(file)) return;
	const problems = readFileSync(file, 'utf8').split(/\r?\n/).flatMap(problemOf);
	if (problems.length > 0) throw new Error(`${file} is ambiguous:\n  ${problems.join('\n  ')}`);
	process.loadEnvFile(file);
}

function problemOf(line: string, index: number): string[] {
	if (/^[ \t]*(?:#.*)?$/.test(line)) return [];
	const [, name, value] = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=(.*)/.exec(line) ?? [];
	if (name === undefined || value === undefined) return [`line ${index + 1}: write NAME=value`];
	return isClear(value.trimStart(), line) ? [] : [`line ${index + 1}: put the value in quotes: ${name}='…'`];
}

/** Checks whether a value can be read in only one way, and Node.js reads it that way. */
function isClear(value: string, line: string): boolean {
	const quote = value.charAt(0);
	if (!['"', "'", '`'].includes(quote)) return isComment(line, line.indexOf('#'));
	const end = value.indexOf(quote, 1);
	const escapes = quote === '"' && value.slice(1, end).includes('\\');
	const rest = value.slice(end + 1);
	return end > 0 && !escapes && (rest.trim() === '' || isComment(rest, rest.search(/[^ \t]/)));
}

/** Checks whether the text at an index is a comment after a blank. A negative index means there is no comment. */
function isComment(text: string, index: number): boolean {
	return index === -1 || (text[index] === '#' && /[ \t]/.test(text.charAt(index - 1)));
}
