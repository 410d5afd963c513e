import { referencedCharacter, replaceForbidden } from './escape.js';

/** Sections whose content is not markup: how they open and close. */
const SECTIONS = [
	['<![CDATA[', ']]>'],
	['<!--', '-->'],
	['<?', '?>'],
] as const;
const MAX_OPENING_LENGTH = '<![CDATA['.length;

/** Mistakes in a text that are repaired; after these the rest stays unchanged. */
const MAX_REPAIRS = 1000;
/** Everything that may be a mistake: `<`, `&`, and a reference to a character. */
const TOKEN = /<|&(?:(?:amp|lt|gt|quot|apos|#(\d{1,7})|#x([\da-f]{1,6}));)?/gi;
/** A tag, closed before the next `<`; so neither `<joe@example.net>` nor `a <b and c`. */
const MARKUP = /<(?:[!?]|\/?[A-Za-z_:\u0080-\uffff][\w:.\u0080-\uffff-]*(?:[ \t\r\n/][^<>]*)?>)/y;

/**
 * Escapes every `&` that starts no reference and every `<` that starts no markup. References to characters that XML does
 * not have (`&#0;`) become U+FFFD, and two that are the halves of a character (`&#xD83D;&#xDE00;`) that character. CDATA
 * sections, comments and processing instructions stay unchanged.
 */
export function repairMarkup(text: string): string {
	let repairs = 0;
	let repaired = '';
	let copied = 0;
	let endOfSection = 0;
	for (const { 0: token, 1: decimal, 2: hexadecimal, index } of text.matchAll(TOKEN)) {
		if (repairs >= MAX_REPAIRS) break;
		if (index < endOfSection) continue;
		const end = sectionEnd(text, index);
		if (end === -1) break; // never closed: nothing to repair after it
		if (end !== undefined) {
			endOfSection = end;
			continue;
		}
		const replacement = replacementOf(token, index, decimal, hexadecimal);
		if (replacement === token) continue;
		repairs++;
		repaired += text.slice(copied, index) + replacement;
		copied = index + token.length;
	}
	// surrogates without their other half
	return repairs === 0 ? text : replaceForbidden(repaired + text.slice(copied));

	function replacementOf(token: string, offset: number, decimal?: string, hexadecimal?: string): string {
		if (token === '&') return '&amp;';
		if (token === '<') {
			MARKUP.lastIndex = offset;
			return MARKUP.test(text) ? token : '&lt;';
		}
		const character = referencedCharacter(decimal, hexadecimal);
		return character === undefined || character === replaceForbidden(character) ? token : character;
	}
}

/** The end of the section that opens at `position`; `undefined` if none opens there, -1 if it is never closed. */
export function sectionEnd(text: string, position: number): number | undefined {
	const start = text.slice(position, position + MAX_OPENING_LENGTH).toUpperCase();
	const section = SECTIONS.find(([open]) => start.startsWith(open));
	if (!section) return undefined;
	const [open, close] = section;
	const end = text.indexOf(close, position + open.length);
	return end === -1 ? -1 : end + close.length;
}
