/** Longest entity: `&#x10FFFF;`. */
const MAX_ENTITY = 10;
const ENTITY = /^&(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-f]{1,6});/i;
const BEGINS_MARKUP = /^<[A-Za-z_:/!?\u0080-\uffff]/;

/** Sections whose content is not markup. */
const OPAQUE = [
	['<![CDATA[', ']]>'],
	['<!--', '-->'],
	['<?', '?>'],
] as const;

/**
 * Escapes every `&` that begins no entity and every `<` that begins no markup. One pass; CDATA sections,
 * comments and processing instructions stay as they are.
 */
export function repairMarkup(text: string): string {
	let repaired = '';
	let copied = 0;
	let position = 0;
	while (position < text.length) {
		const character = text[position];
		if (character === '<') {
			const section = OPAQUE.find(([open]) => text.startsWith(open, position));
			if (section) {
				const end = text.indexOf(section[1], position + section[0].length);
				if (end === -1) break; // never closed: nothing to repair behind it
				position = end + section[1].length;
				continue;
			}
			if (!BEGINS_MARKUP.test(text.slice(position, position + 2))) {
				repaired += `${text.slice(copied, position)}&lt;`;
				copied = position + 1;
			}
		} else if (character === '&' && !ENTITY.test(text.slice(position, position + MAX_ENTITY))) {
			repaired += `${text.slice(copied, position)}&amp;`;
			copied = position + 1;
		}
		position++;
	}
	return copied === 0 ? text : repaired + text.slice(copied);
}
