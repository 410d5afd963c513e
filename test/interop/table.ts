import type { Conclusion } from './driver.js';
import { concerns, type Observation, SITUATIONS } from './situations.js';
import type { Stack } from './stacks.js';

/** What the stacks concluded, by stack and by the name of the situation. */
export type Verdicts = ReadonlyMap<Stack, ReadonlyMap<string, string>>;

/** In a cell of the table: the stack has nothing that the situation is about. */
const NO_CONCERN = '–';

/** What a stack concluded of all its answers in a situation, in a few words. */
export function verdict({ conclusions }: Observation): string {
	return [...new Set(conclusions.map(inWords))].join(', then ');
}

function inWords({ exception, vaspError, httpStatus, statusCode = 0 }: Conclusion): string {
	if (exception === undefined) return statusCode < 1000 || statusCode > 1999 ? `refused: ${statusCode}` : 'accepted';
	if (vaspError !== undefined) return `fault: ${vaspError}`;
	return httpStatus === undefined ? 'error' : `HTTP ${httpStatus}`;
}

/** The column of a stack, from top to bottom. */
export function columnOf(stack: Stack, verdicts: ReadonlyMap<string, string>): string[] {
	return SITUATIONS.map((situation) =>
		concerns(situation, stack) ? (verdicts.get(situation.name) ?? '') : NO_CONCERN,
	);
}

/** The table of all conclusions as Markdown. */
export function conclusionTable(verdicts: Verdicts): string {
	const columns = [...verdicts].map(([stack, ofStack]) => columnOf(stack, ofStack));
	return markdownTable([
		['', ...[...verdicts.keys()].map(({ name }) => name)],
		...SITUATIONS.map(({ name }, row) => [name, ...columns.map((column) => column[row] ?? '')]),
	]);
}

/** The table of the stacks with the versions that are installed here. */
export function stackTable(stacks: readonly Stack[], versionOf: (stack: Stack) => string | undefined): string {
	return markdownTable([
		['stack', 'version', 'its client'],
		...stacks.map((stack) => [stack.name, versionOf(stack) ?? '', stack.about]),
	]);
}

function markdownTable([head = [], ...rows]: readonly string[][]): string {
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n').replace('|  |', '| |');
}
