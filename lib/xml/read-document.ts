import { Parser } from 'xml2js';
import { Mm7Error } from '../errors.js';
import type { TreeBuilder } from './tree-builder.js';

/** The sax parser inside xml2js, as far as it is used here. */
interface Sax {
	/** Characters that were read. */
	readonly position: number;
	/** The tag whose attributes are being read. */
	readonly tag: { readonly attributes: Record<string, string> };
	onopentagstart: (tag: { readonly name: string }) => void;
	onattribute: (attribute: { readonly name: string; readonly value: string }) => void;
	onopentag: undefined;
	ontext: (text: string) => void;
	oncdata: (text: string) => void;
	onclosetag: () => void;
	onprocessinginstruction: (instruction: { readonly body: string }) => void;
	ondoctype: () => void;
	onerror: (error: Error) => void;
}

/**
 * Has xml2js read one document, and tells the tree what comes. This is the only place that knows the sax parser inside
 * of it, which is not part of its interface.
 *
 * The tree is built from the parser's events: the objects by tag names that xml2js makes of them forget the order of
 * elements, and let their names meet what objects inherit (`__proto__`). Its option `xmlns` stays off, because its cost
 * grows with the cube of the depth.
 *
 * @param text - without a byte order mark, with line feeds as its only line ends
 * @throws Mm7Error and whatever sax says of a document that is not well-formed
 */
export function readDocument(text: string, tree: TreeBuilder): void {
	const parser = new Parser({ async: false }) as Parser & { readonly saxParser: Sax };
	const sax = parser.saxParser;
	// by way of names: V8 keeps a function that is written right behind `sax.on… =` until the next full collection, and
	// with it the tree, which made a report a quarter dearer and doubled the memory
	const openTag: Sax['onopentagstart'] = ({ name }) => tree.openTag(name);
	const attribute: Sax['onattribute'] = ({ name, value }) => {
		tree.attribute(name, normalizeValue(value, text, sax.position - 1));
		// sax asks its own collection of them for this very method
		if (name === 'hasOwnProperty') delete sax.tag.attributes[name];
	};
	const addText: Sax['ontext'] = (content) => tree.text(content);
	const closeTag: Sax['onclosetag'] = () => tree.closeTag();
	sax.onopentagstart = openTag;
	sax.onattribute = attribute;
	// that of xml2js would keep every element for its closing handler, which is ours now
	sax.onopentag = undefined;
	sax.ontext = addText;
	sax.oncdata = addText;
	sax.onclosetag = closeTag;
	sax.onprocessinginstruction = refuseDoubleEnd;
	sax.ondoctype = refuseDoctype;
	// xml2js would go on after an error, and forget those behind the root element
	sax.onerror = rethrow;
	// without a callback: its way of telling errors would keep the parser from stopping at the first
	parser.parseString(text);
}

/** sax passes over the end of one that closes with "??>", and takes all up to the next "?>" for a part of it. */
function refuseDoubleEnd({ body }: { readonly body: string }): void {
	if (body.includes('?>')) throw new Mm7Error('ERR_MM7_XML', { detail: 'an instruction ends in "??>"' });
}

function refuseDoctype(): never {
	throw new Mm7Error('ERR_MM7_DOCTYPE');
}

function rethrow(error: Error): never {
	throw error;
}

/**
 * Makes blanks of the tabs and line feeds of an attribute value, except of those that were written as references
 * (XML 1.0 section 3.3.3). sax leaves them all, so the value is held against the text that it was read from.
 *
 * @param end - where the quote stands in the text that ends the value
 */
function normalizeValue(value: string, text: string, end: number): string {
	if (!value.includes('\t') && !value.includes('\n')) return value;
	const start = text.lastIndexOf(text.charAt(end), end - 1) + 1;
	// no reference has blanks inside
	const [head = '', ...references] = withBlanks(text.slice(start, end)).split('&');
	let normalized = head;
	let read = head.length;
	for (const reference of references) {
		const character = String.fromCodePoint(value.codePointAt(read) as number);
		const behind = reference.slice(reference.indexOf(';') + 1);
		normalized += character + behind;
		read += character.length + behind.length;
	}
	return normalized;
}

/** Up to this many characters the expression costs less. */
const SHORT = 100;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const BLANK = 0x20;

/** In a long text each match of an expression costs as much as 20 steps from character to character. */
function withBlanks(text: string): string {
	if (text.length <= SHORT) return text.replace(/[\t\n]/g, ' ');
	const bytes = Buffer.from(text, 'utf16le');
	for (let low = 0; low < bytes.length; low += 2) {
		if ((bytes[low] === TAB || bytes[low] === LINE_FEED) && bytes[low + 1] === 0) bytes[low] = BLANK;
	}
	return bytes.toString('utf16le');
}
