import { isAscii, isUtf8 } from 'node:buffer';
import { declaredCharset, encodingOf } from '../charset/names.js';
import { decodeWindows1252 } from '../charset/windows-1252.js';
import type { RootPart } from './find-root-part.js';

const ESCAPE = 0x1b;
/** First byte of a UTF-8 sequence of three. */
const THREE_BYTES = 0xe0;
const REPLACEMENT_CHARACTER = 0xfffd;

/** Encodings in which text is hardly ever valid UTF-8 by chance, unless it is a word of two characters. */
const DOUBLE_BYTE = new Set(['gbk', 'gb18030', 'big5', 'euc-kr', 'euc-jp', 'shift_jis']);

/**
 * Turns the bytes of an XML document into text.
 *
 * Believed in this order: the byte order mark, the shape of UTF-16, the charset parameter, the XML declaration,
 * UTF-8, windows-1252. A belief that the bytes contradict is dropped, so that nothing is ever unreadable: a
 * declared utf-16 over plain bytes is as common as a declared GB2312 over UTF-8 (RFC 7303 section 3).
 */
export function decode(root: RootPart): string {
	const { bytes } = root;
	const mark = byteOrderMark(bytes);
	if (mark !== undefined) return new TextDecoder(mark).decode(bytes);
	const wide = unmarkedUtf16(bytes);
	if (wide !== undefined) return new TextDecoder(wide).decode(bytes);
	// most reports are plain ASCII, which reads the same in all other charsets but those that escape (ISO-2022)
	if (isAscii(bytes) && !bytes.includes(ESCAPE)) return bytes.toString('latin1');

	const encodings = [encodingOf(root.charset()), encodingOf(declaredCharset(bytes)), 'utf-8'];
	for (const encoding of encodings) {
		const text = decodeAs(bytes, encoding);
		if (text !== undefined) return text;
	}
	return leastDamaged(bytes, encodings) ?? decodeWindows1252(bytes);
}

function byteOrderMark(bytes: Buffer): string | undefined {
	if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
	if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
	if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
	return undefined;
}

/** UTF-16 without a mark shows in the zero byte after the first `<`. */
function unmarkedUtf16(bytes: Buffer): string | undefined {
	const start = bytes.indexOf('<');
	if (start === -1 || bytes[start + 1] !== 0) return undefined;
	return start % 2 === 0 ? 'utf-16le' : 'utf-16be';
}

/** The text in that encoding; nothing where the bytes are not of it. */
function decodeAs(bytes: Buffer, encoding: string | undefined): string | undefined {
	// the shape of UTF-16 was looked for and not found
	if (encoding === undefined || encoding.startsWith('utf-16')) return undefined;
	if (encoding === 'utf-8') return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
	if (isUtf8InFact(bytes, encoding)) return undefined;
	if (encoding === 'windows-1252') return decodeWindows1252(bytes);
	try {
		return new TextDecoder(encoding, { fatal: true }).decode(bytes);
	} catch {
		return undefined;
	}
}

/**
 * Whether another encoding was declared over UTF-8 (by a template, by an HTTP library whose default is ISO-8859-1).
 * Those who declare UTF-8 over something else are found by its being invalid.
 */
function isUtf8InFact(bytes: Buffer, encoding: string): boolean {
	if (encoding !== 'windows-1252' && !DOUBLE_BYTE.has(encoding)) return false;
	return isUtf8(bytes) && (encoding === 'windows-1252' || bytes.some((byte) => byte >= THREE_BYTES));
}

/** The best reading of text that is damaged: gateways cut a StatusText in the middle of a character. */
function leastDamaged(bytes: Buffer, encodings: readonly (string | undefined)[]): string | undefined {
	let best: string | undefined;
	let least = Number.POSITIVE_INFINITY;
	for (const encoding of encodings) {
		if (encoding === undefined || encoding.startsWith('utf-16')) continue;
		const text = new TextDecoder(encoding).decode(bytes);
		const { damaged, sound } = countCharacters(text);
		// more damage than sense: it is not in that encoding at all
		if (damaged < least && damaged < sound) {
			best = text;
			least = damaged;
		}
	}
	return best;
}

/** Of the characters beyond ASCII. */
function countCharacters(text: string): { damaged: number; sound: number } {
	let damaged = 0;
	let sound = 0;
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		if (code === REPLACEMENT_CHARACTER) damaged++;
		else if (code > 0x7f) sound++;
	}
	return { damaged, sound };
}
