/** What the bytes 0x80 to 0x9f stand for (WHATWG Encoding, index windows-1252). */
const C1 =
	'\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
	'\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

const C1_BYTES = /[\u0080-\u009f]/g;

/**
 * Reads windows-1252, which every byte is some character of; ISO-8859-1 is read so too, as browsers do.
 *
 * The TextDecoder of Node.js 20.18.3 to 24 reads it as ISO-8859-1: a euro sign becomes a control character.
 */
export function decodeWindows1252(bytes: Buffer): string {
	return bytes.toString('latin1').replace(C1_BYTES, (byte) => C1[byte.charCodeAt(0) - 0x80] as string);
}
