import { isAscii, isUtf8 } from 'node:buffer';
import { declaredCharset, decodeAs, encodingOf, hidesMarkup } from '../charset.js';
import { Mm7Error } from '../errors.js';
import { salvage } from '../mm7/salvage.js';
import { replaceForbidden } from '../xml/escape.js';
import { parseStrictly } from '../xml/parse.js';
import type { RootPart } from './find-root-part.js';

/** ASCII bytes that switch to another alphabet in some charset: ISO-2022 (two of them), UTF-7 and HZ. */
const SHIFTS = [0x0e, 0x1b, 0x2b, 0x7e];
const LESS_THAN = 0x3c;
/** First byte of a UTF-8 sequence of three. */
const THREE_BYTES = 0xe0;
const REPLACEMENT_CHARACTER = 0xfffd;

/** Encodings in which text is hardly ever valid UTF-8 by chance, unless it is a word of two characters. */
const DOUBLE_BYTE = ['gb18030', 'big5hkscs', 'cp949', 'eucjp', 'shiftjis'];
/** Encodings in which a word of three letters can be valid UTF-8: Thai and DOS Cyrillic. */
const LIKE_UTF8 = ['windows874', 'cp866'];

/**
 * Turns the bytes of an XML document into text.
 *
 * Tries, in this order, the byte order mark, the zero bytes of UTF-16, the charset parameter, the XML declaration, UTF-8
 * and windows-1252. A declaration that the bytes contradict is ignored: utf-16 declared over plain bytes is as common as
 * GB2312 declared over UTF-8 (RFC 7303 section 3). If a name is unknown, no alphabet is guessed: bytes beyond ASCII that
 * are not UTF-8 become U+FFFD.
 *
 * @throws Mm7Error ERR_MM7_XML if another declared charset would give other markup
 */
export function decode({ bytes, charset }: RootPart): string {
	const wide = utf16Of(bytes);
	if (wide !== undefined) return replaceForbidden(new TextDecoder(wide).decode(bytes));
	const raw = bytes.toString('latin1');
	// most reports are plain ASCII
	const isPlain = isAscii(bytes);
	if (isPlain && !SHIFTS.some((byte) => bytes.includes(byte))) return replaceForbidden(raw);
	const labels = [charset(), declaredCharset(bytes)].filter((label) => label !== undefined);
	const declared = labels.map(encodingOf);
	if (isPlain && declared.every((encoding) => encoding === 'utf-8')) return replaceForbidden(raw);

	const reading = readingOf(bytes, declared);
	for (const label of labels) refuseOtherMarkup(label, bytes, raw, reading);
	return replaceForbidden(reading.text);
}

/** Recognizes UTF-16 by its mark, or by the zero byte after the first `<`. */
function utf16Of(bytes: Buffer): string | undefined {
	if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
	if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
	const start = bytes.indexOf(LESS_THAN);
	if (start === -1 || bytes[start + 1] !== 0) return undefined;
	return start % 2 === 0 ? 'utf-16le' : 'utf-16be';
}

interface Reading {
	readonly encoding: string;
	readonly text: string;
}

/** @param declared - encodings in the order in which they are tried; `undefined` for an unknown one */
function readingOf(bytes: Buffer, declared: readonly (string | undefined)[]): Reading {
	const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
	const encodings = isMarked ? ['utf-8', ...declared] : [...declared, 'utf-8'];
	const readings: Reading[] = [];
	for (const encoding of encodings) {
		if (encoding === undefined || encoding === 'ascii' || isActuallyUtf8(bytes, encoding)) continue;
		const reading = { encoding, text: decodeAs(bytes, encoding) };
		const isSound = encoding === 'utf-8' ? isUtf8(bytes) : !reading.text.includes('\ufffd');
		if (isSound) return reading;
		readings.push(reading);
	}
	const guess = declared.includes(undefined) ? 'ascii' : 'windows1252';
	return leastDamaged(readings) ?? { encoding: guess, text: decodeAs(bytes, guess) };
}

/**
 * Checks whether another encoding was declared over UTF-8, by a template or by an HTTP library that defaults to
 * ISO-8859-1. UTF-8 declared over something else shows by being invalid.
 */
function isActuallyUtf8(bytes: Buffer, encoding: string): boolean {
	if (encoding === 'utf-8' || LIKE_UTF8.includes(encoding) || isAscii(bytes) || !isUtf8(bytes)) return false;
	return !DOUBLE_BYTE.includes(encoding) || bytes.some((byte) => byte >= THREE_BYTES);
}

/** The best reading of text that is damaged: gateways cut a StatusText in the middle of a character. */
function leastDamaged(readings: readonly Reading[]): Reading | undefined {
	let best: Reading | undefined;
	let least = Number.POSITIVE_INFINITY;
	for (const reading of readings) {
		const damage = damageOf(reading.text);
		if (damage < least) [best, least] = [reading, damage];
	}
	return best;
}

/** Counts damaged characters. Infinity if most characters beyond ASCII are: then it is another encoding. */
function damageOf(text: string): number {
	let damaged = 0;
	let sound = 0;
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		if (code === REPLACEMENT_CHARACTER) damaged++;
		else if (code > 0x7f) sound++;
	}
	return damaged < sound ? damaged : Number.POSITIVE_INFINITY;
}

/**
 * Refuses a document that an XML parser would read with other markup if it believed this declaration. In a charset of
 * double bytes a `]` may be half of a character, and then CDATA ends later.
 */
function refuseOtherMarkup(label: string, bytes: Buffer, raw: string, { encoding, text }: Reading): void {
	const declared = encodingOf(label);
	if (declared === encoding || !hidesMarkup(label, raw)) return;
	if (declared !== undefined && declared !== 'iso-2022-jp') {
		const other = decodeAs(bytes, declared);
		if (markupOf(other) === markupOf(text) || !isWellFormed(other)) return;
	}
	throw new Mm7Error('ERR_MM7_XML', {
		detail: `in the charset ${JSON.stringify(label.slice(0, MAX_LABEL_LENGTH))} its markup would be different`,
		...salvage(raw),
	});
}

/** Characters of a charset name that an error repeats. */
const MAX_LABEL_LENGTH = 40;

/** What decides where CDATA ends: which `]]>` comes before which `<`. */
function markupOf(text: string): string {
	return (text.match(/\]\]>|</g) ?? []).join('');
}

const NO_LIMITS = { elements: Infinity, depth: Infinity, attributes: Infinity };

/** Checks whether an XML parser may read it. What only ours refuses counts too, such as names beyond the basic plane. */
function isWellFormed(text: string): boolean {
	try {
		parseStrictly(text.replace(/[\u{10000}-\u{10ffff}]/gu, 'x'), NO_LIMITS);
		return true;
	} catch (error) {
		// an error of the parser has a line
		return !/, line \d+$/.test((error as Mm7Error).detail ?? '');
	}
}
