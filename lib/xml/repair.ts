/** Sections whose content is not markup: how they open and close. */
const SECTIONS = [
	['<![CDATA[', ']]>'],
	['<!--', '-->'],
	['<?', '?>'],
] as const;
const MAX_OPENING_LENGTH = '<![CDATA['.length;

/** Mistakes in a text that are repaired; after these the rest stays unchanged. */
const MAX_REPAIRS = 1000;
/** Of `&#x10FFFF;`, in characters. */
const MAX_REFERENCE_LENGTH = 10;
const REFERENCE = /^&(?:(?:amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/i;
/** A tag, closed before the next `<`; so neither `<joe@example.net>` nor `a <b and c`. */
const MARKUP = /<(?:[!?]|\/?[A-Za-z_:\u0080-\uffff][\w:.\u0080-\uffff-]*(?:[ \t\r\n/][^<>]*)?>)/y;

/**
 * Escapes every `&` that begins no reference and every `<` that begins no markup, and puts U+FFFD for references to
 * characters that XML does not have (`&#0;`); two that name the halves of one (`&#xD83D;&#xDE00;`) become that one. One
 * pass, which ends at the 1,000th mistake; CDATA sections, comments and processing instructions stay as they are.
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
	while (position < text.length && repairs < MAX_REPAIRS) {
		const character = text[position];
		if (character === '<') {
			const end = sectionEnd(text, position);
			if (end === -1) break; // never closed: nothing to repair after it
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
			const reference = referenceAt(text, position);
			if (!reference) {
				replace(1, '&amp;');
				continue;
			}
			if (!isCharacter(reference.code)) {
				const next = referenceAt(text, position + reference.length);
				if (next && arePair(reference.code, next.code)) {
					replace(reference.length + next.length, String.fromCharCode(reference.code, next.code));
				} else {
					replace(reference.length, '\ufffd');
				}
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
export function sectionEnd(text: string, position: number): number | undefined {
	const start = text.slice(position, position + MAX_OPENING_LENGTH).toUpperCase();
	const section = SECTIONS.find(([open]) => start.startsWith(open));
	if (!section) return undefined;
	const [open, close] = section;
	const end = text.indexOf(close, position + open.length);
	return end === -1 ? -1 : end + close.length;
}

interface Reference {
	readonly length: number;
	/** The number of the character. */
	readonly code: number;
}

/** The reference that begins at `position`, if one does. */
function referenceAt(text: string, position: number): Reference | undefined {
	const found = REFERENCE.exec(text.slice(position, position + MAX_REFERENCE_LENGTH));
	if (!found) return undefined;
	const [{ length }, decimal, hexadecimal] = found;
	if (hexadecimal !== undefined) return { length, code: Number.parseInt(hexadecimal, 16) };
	// what has a name of its own is in XML
	return { length, code: decimal === undefined ? SPACE : Number(decimal) };
}

const SPACE = 0x20;

/** Whether two numbers are those of the halves of one character, as UTF-16 has them. */
function arePair(high: number, low: number): boolean {
	return high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}

/** Whether XML 1.0 has a character of that number (section 2.2). */
function isCharacter(code: number): boolean {
	if (code < SPACE) return code === 0x9 || code === 0xa || code === 0xd;
	return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}
