/** Sections whose content is not markup: how they open and close. */
const SECTIONS = [
	['<![CDATA[', ']]>'],
	['<!--', '-->'],
	['<?', '?>'],
] as const;

/**
 * Where the CDATA section, comment or processing instruction that opens at `position` ends.
 *
 * @returns `undefined` where none opens there, -1 where it is never closed
 */
export function sectionEnd(text: string, position: number): number | undefined {
	const section = SECTIONS.find(([open]) => text.startsWith(open, position));
	if (!section) return undefined;
	const [open, close] = section;
	const end = text.indexOf(close, position + open.length);
	return end === -1 ? -1 : end + close.length;
}
