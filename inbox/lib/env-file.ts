import { existsSync, readFileSync } from 'node:fs';

/** An empty line, a comment, or `NAME=value` with one possible meaning, which is the one that Node.js reads. */
const CLEAR_LINE =
	/^[ \t]*(?:#.*|(?:export[ \t]+)?[A-Za-z_]\w*[ \t]*=[ \t]*(?:'[^']*'|"[^"\\]*"|`[^`]*`|[^\s#'"`][^#]*?)?(?:[ \t]+#.*)?[ \t]*)?$/;

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
	if (CLEAR_LINE.test(line)) return [];
	const [, name] = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=/.exec(line) ?? [];
	return [`line ${index + 1}: ${name ? `put the value in quotes: ${name}='…'` : 'is not NAME=value'}`];
}
