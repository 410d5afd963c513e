// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 forbids
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udfff]/gu;

/** Replaces characters that XML 1.0 forbids (section 2.2), control characters and lone surrogates, with U+FFFD. */
export function replaceForbidden(text: string): string {
	return text.replace(FORBIDDEN, '\ufffd');
}

const SPECIAL = /[&<>"'\r\n\t]/g;
const REFERENCES: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&apos;',
	'\r': '&#13;',
	'\n': '&#10;',
	'\t': '&#9;',
};

/**
 * Makes any string safe as text or attribute value of XML 1.0. Characters that XML forbids become U+FFFD, so the
 * result is always well-formed; line breaks become references, so they survive parsing.
 */
export function escapeXml(text: string): string {
	return replaceForbidden(text).replace(SPECIAL, (character) => REFERENCES[character] ?? '');
}

const NAMES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const REFERENCE = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi;

/** Resolves references in text that no parser will read. Anything else stays unchanged. */
export function unescapeXml(text: string): string {
	const unescaped = text.replace(
		REFERENCE,
		(_, name?: string, decimal?: string, hexadecimal?: string) =>
			referencedCharacter(decimal, hexadecimal) ?? NAMES[name?.toLowerCase() ?? ''] ?? '',
	);
	return replaceForbidden(unescaped);
}

const LARGEST_CHARACTER = 0x10ffff;
const NO_CHARACTER = 0xffff;

/** The character of a numeric reference, possibly a lone surrogate or forbidden in XML. `undefined` without a number. */
export function referencedCharacter(decimal?: string, hexadecimal?: string): string | undefined {
	if (decimal === undefined && hexadecimal === undefined) return undefined;
	const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal);
	return String.fromCodePoint(code > LARGEST_CHARACTER ? NO_CHARACTER : code);
}
