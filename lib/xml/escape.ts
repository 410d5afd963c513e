// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 forbids
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udfff]/gu;

/** Text with U+FFFD for each character that XML 1.0 cannot hold (section 2.2): control characters, half surrogate pairs. */
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
 * Makes any string safe as text or attribute value of XML 1.0. Characters that XML cannot hold become U+FFFD,
 * so that the result is always well-formed; line breaks are written as references, so that they survive parsing.
 */
export function escapeXml(text: string): string {
	return replaceForbidden(text).replace(SPECIAL, (character) => REFERENCES[character] ?? '');
}

const NAMES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const REFERENCE = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi;
const LARGEST_CHARACTER = 0x10ffff;

/** Resolves references in text that no parser will read. Anything else stays unchanged. */
export function unescapeXml(text: string): string {
	const unescaped = text.replace(REFERENCE, (_, name?: string, decimal?: string, hexadecimal?: string) => {
		if (name !== undefined) return NAMES[name.toLowerCase()] ?? '';
		const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal);
		return code > LARGEST_CHARACTER ? '\ufffd' : String.fromCodePoint(code);
	});
	return replaceForbidden(unescaped);
}
