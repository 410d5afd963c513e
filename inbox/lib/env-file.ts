import { existsSync, readFileSync } from 'node:fs';

/**
 * Adds the variables of a `.env` file to `process.env`, where the ones that are already set win. A missing file is
 * empty. Node.js cuts an unquoted value at every `#`, and text after a closing quote: such a line is an error, because
 * half a password would be used otherwise.
 *
 * @throws Error whose message names each line that is not clear, and quotes no value
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
	if (name === undefined || value === undefined) return [`line ${index + 1}: is not NAME=value`];
	return isClear(value.trimStart(), line) ? [] : [`line ${index + 1}: put the value in quotes: ${name}='…'`];
}

/** Whether a value has one possible meaning, which is the one that Node.js reads. */
function isClear(value: string, line: string): boolean {
	const quote = value.charAt(0);
	if (!['"', "'", '`'].includes(quote)) return isComment(line, line.indexOf('#'));
	const end = value.indexOf(quote, 1);
	const escapes = quote === '"' && value.slice(1, end).includes('\\');
	const rest = value.slice(end + 1);
	return end > 0 && !escapes && (rest.trim() === '' || isComment(rest, rest.search(/[^ \t]/)));
}

/** Whether nothing, or a comment after a blank, is at an index. */
function isComment(text: string, index: number): boolean {
	return index === -1 || (text[index] === '#' && /[ \t]/.test(text.charAt(index - 1)));
}
