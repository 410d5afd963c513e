/** Sections whose content is not markup: how they open and close. */
const SECTIONS = [
	['<![CDATA[', ']]>'],
	['<!--', '-->'],
	['<?', '?>'],
] as const;

/** How many mistakes a text may have that is still worth repairing. */
const MOST_REPAIRS = 1000;
/** Longest reference: `&#x10FFFF;`. */
const LONGEST_REFERENCE = 10;
const REFERENCE = /^&(?:(?:amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/i;
/** A tag, closed before the next `<`; so neither `<joe@example.net>` nor `a <b and c`. */
const MARKUP = /<(?:[!?]|\/?[A-Za-z_:\u0080-\uffff][\w:.\u0080-\uffff-]*(?=[\s/>])[^<>]*>)/y;

/**
 * Escapes every `&` that begins no reference and every `<` that begins no markup, and puts U+FFFD for references to
 * characters that XML does not have (`&#0;`). One pass, which ends at the 1,000th mistake; CDATA sections, comments
 * and processing instructions stay as they are.
 */
export function repairMarkup(text: string): string {
	let repaired = '';
	let copied = 0;
	let position = 0;
	let repairs = 0;
	const replace = (length: number, by: string) => {
		repairs++;
		repaired += text.slice(copied, position) + by;
		position += length;
		copied = position;
	};
	while (position < text.length && repairs < MOST_REPAIRS) {
		const character = text[position];
		if (character === '<') {
			const end = sectionEnd(text, position);
			if (end === -1) break; // never closed: nothing to repair behind it
			if (end !== undefined) {
				position = end;
				continue;
			}
			MARKUP.lastIndex = position;
			if (!MARKUP.test(text)) {
				replace(1, '&lt;');
				continue;
			}
		} else if (character === '&') {
			const reference = REFERENCE.exec(text.slice(position, position + LONGEST_REFERENCE));
			if (!reference) {
				replace(1, '&amp;');
				continue;
			}
			if (!namesCharacter(reference)) {
				replace(reference[0].length, '\ufffd');
				continue;
			}
		}
		position++;
	}
	return copied === 0 ? text : repaired + text.slice(copied);
}

/**
 * Where the CDATA section, comment or processing instruction that opens at `position` ends.
 *
 * @returns `undefined` where none opens there, -1 where it is never closed
 */
function sectionEnd(text: string, position: number): number | undefined {
	const section = SECTIONS.find(([open]) => text.startsWith(open, position));
	if (!section) return undefined;
	const [open, close] = section;
	const end = text.indexOf(close, position + open.length);
	return end === -1 ? -1 : end + close.length;
}

/** Whether a reference names a character that XML 1.0 allows (section 2.2). */
function namesCharacter([, decimal, hexadecimal]: RegExpExecArray): boolean {
	if (decimal === undefined && hexadecimal === undefined) return true;
	const code = decimal === undefined ? Number.parseInt(hexadecimal as string, 16) : Number(decimal);
	if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
	return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}
