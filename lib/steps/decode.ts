import { isUtf8 } from 'node:buffer';
import { declaredCharset, decodeAs, encodingOf, hidesMarkup } from '../charset.js';
import { quote } from '../checks.js';
import { Mm7Error } from '../errors.js';
import { salvage } from '../mm7/salvage.js';
import { replaceForbidden } from '../xml/escape.js';
import { parseStrictly } from '../xml/parse.js';
import type { RootPart } from './find-root-part.js';

/** The byte order mark, one character per byte. */
const UTF8_MARK = '\xef\xbb\xbf';
/** First byte of a UTF-8 sequence of three. */
const THREE_BYTES = 0xe0;
/** Encodings in which text is hardly ever valid UTF-8 by chance, unless it is a word of two characters. */
const DOUBLE_BYTE = ['gb18030', 'big5hkscs', 'cp949', 'eucjp', 'shiftjis'];
/** Encodings in which a whole word can be valid UTF-8: Thai, DOS Cyrillic, and one whose bytes are all ASCII. */
const LIKE_UTF8 = ['windows874', 'cp866', 'iso-2022-jp'];

/**
 * Turns the bytes of an XML document into text.
 *
 * Tries, in this order, UTF-16 by its zero bytes, UTF-8 by its byte order mark, the charset parameter, the XML
 * declaration, UTF-8 and windows-1252. A declaration that the bytes contradict is ignored: utf-16 declared over plain
 * bytes is as common as GB2312 declared over UTF-8 (RFC 7303 section 3). If a name is unknown, no alphabet is guessed:
 * bytes beyond ASCII that are not UTF-8 become U+FFFD.
 *
 * @throws Mm7Error ERR_MM7_XML if another declared charset would give other markup
 */
export function decode({ bytes, charset }: Pick<RootPart, 'bytes' | 'charset'>): string {
	const raw = bytes.toString('latin1');
	const wide = utf16Of(raw);
	if (wide !== undefined) return replaceForbidden(new TextDecoder(wide).decode(bytes));
	const labels = [charset, declaredCharset(raw)].filter((label) => label !== undefined);
	const declared = labels.map(encodingOf);
	const reading = readingOf(bytes, raw.startsWith(UTF8_MARK) ? ['utf-8', ...declared] : [...declared, 'utf-8']);
	for (const label of labels) refuseOtherMarkup(label, bytes, raw, reading);
	return replaceForbidden(reading.text);
}

/** Recognizes UTF-16 by the zero byte after the first `<`, with or without a byte order mark. */
function utf16Of(raw: string): string | undefined {
	const start = raw.indexOf('<');
	if (raw[start + 1] !== '\0') return undefined;
	return start % 2 === 0 ? 'utf-16le' : 'utf-16be';
}

interface Reading {
	readonly encoding: string;
	readonly text: string;
}

/** @param encodings - in the order in which they are tried; `undefined` for an unknown one */
function readingOf(bytes: Buffer, encodings: readonly (string | undefined)[]): Reading {
	const readings: (Reading & { readonly damage: number })[] = [];
	for (const encoding of encodings) {
		if (encoding === undefined || isActuallyUtf8(bytes, encoding)) continue;
		const reading = { encoding, text: decodeAs(bytes, encoding) };
		const isSound = encoding === 'utf-8' ? isUtf8(bytes) : !reading.text.includes('\ufffd');
		if (isSound) return reading;
		readings.push({ ...reading, damage: damageOf(reading.text) });
	}
	// gateways cut a StatusText in the middle of a character
	const [least] = readings.filter(({ damage }) => damage < Infinity).sort((one, other) => one.damage - other.damage);
	const guess = encodings.includes(undefined) ? 'ascii' : 'windows1252';
	return least ?? { encoding: guess, text: decodeAs(bytes, guess) };
}

/**
 * Checks whether another encoding was declared over UTF-8, by a template or by an HTTP library that defaults to
 * ISO-8859-1. UTF-8 declared over something else shows by being invalid.
 */
function isActuallyUtf8(bytes: Buffer, encoding: string): boolean {
	if (encoding === 'utf-8' || LIKE_UTF8.includes(encoding) || !isUtf8(bytes)) return false;
	return !DOUBLE_BYTE.includes(encoding) || bytes.some((byte) => byte >= THREE_BYTES);
}

/** Counts damaged characters. Infinity if most characters beyond ASCII are: then it is another encoding. */
function damageOf(text: string): number {
	let [damaged, sound] = [0, 0];
	for (const character of text) {
		if (character === '\ufffd') damaged++;
		else if (character > '\x7f') sound++;
	}
	return damaged < sound ? damaged : Infinity;
}

/**
 * Rejects a document that an XML parser would read with different markup if it trusted this declaration. In a
 * double-byte charset a `]` can be half of a character, so that CDATA ends later.
 */
function refuseOtherMarkup(label: string, bytes: Buffer, raw: string, { encoding, text }: Reading): void {
	const declared = encodingOf(label);
	if (declared === encoding || !hidesMarkup(label, raw)) return;
	if (declared !== undefined && declared !== 'iso-2022-jp') {
		const other = decodeAs(bytes, declared);
		if (haveSameMarkup(other, text) || !isWellFormed(other)) return;
	}
	throw new Mm7Error('ERR_MM7_XML', {
		detail: `in the charset ${quote(label)} its markup would be different`,
		...salvage(raw),
	});
}

/** Checks for the same order of all `]]>` and `<`, which determines where CDATA ends. */
function haveSameMarkup(one: string, other: string): boolean {
	let i = nextMarkup(one, 0);
	let j = nextMarkup(other, 0);
	while (one[i] === other[j]) {
		if (i === one.length) return true;
		i = nextMarkup(one, i + 1);
		j = nextMarkup(other, j + 1);
	}
	return false;
}

/** The position of the next `]]>` or `<`; the length of the text if there is none. */
function nextMarkup(text: string, from: number): number {
	for (let i = from; i < text.length; i++) {
		if (text[i] === '<' || (text[i] === ']' && text.startsWith(']]>', i))) return i;
	}
	return text.length;
}

const NO_LIMITS = { elements: Infinity, depth: Infinity, attributes: Infinity };
/** Checks whether any XML parser could accept the text, even one that ours rejects, such as with names beyond U+FFFF. */
function isWellFormed(text: string): boolean {
	try {
		parseStrictly(text.replace(/[\u{10000}-\u{10ffff}]/gu, 'x'), NO_LIMITS);
		return true;
	} catch (error) {
		// only the parser's errors have a line
		return !/, line \d/.test((error as Mm7Error).detail ?? '');
	}
}
