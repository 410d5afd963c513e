import { Parser } from 'xml2js';
import { Mm7Error } from '../errors.js';
import type { Element } from './element.js';
import { repairMarkup } from './repair.js';
import { buildIn, onDeclaration, type Sax, steer, TreeBuilder, type XmlLimits } from './tree-builder.js';

/** References and markup other than tags in one document. */
const MOST_MARKUP = 8192;
/** A tag with a name of over 1024 characters, which the parser would collect one by one. */
const ENDLESS_NAME = /<[^\s<>/!?][^\s<>/]{1024}/;

/**
 * One parser for all documents: it works synchronously, and begins anew after each.
 *
 * `xmlns` stays off, because its cost grows with the cube of the depth. The tree is built from the parser's events:
 * the objects by tag names that xml2js makes of them forget the order of elements, let their names meet what objects
 * inherit (`__proto__`), and would have to be gone through once more.
 */
const parser = new Parser({ async: false }) as Parser & { readonly saxParser: Sax };
steer(parser.saxParser);
/** Whether the parser was stopped before the end of the last document: it has to be made anew then. */
let standsInADocument = false;

/**
 * Parses one document into a tree, under the limits. What is not well-formed only for an unescaped `&` or `<` in a
 * text is repaired, since some senders never escape.
 *
 * @throws Mm7Error ERR_MM7_XML, ERR_MM7_DOCTYPE, ERR_MM7_TOO_MANY_ELEMENTS, ERR_MM7_TOO_DEEP,
 * ERR_MM7_TOO_MANY_ATTRIBUTES
 */
export function parseXml(text: string, limits: XmlLimits): Element {
	refuseMarkupSoup(text);
	try {
		return parseStrictly(text, limits);
	} catch (error) {
		if (!(error instanceof Mm7Error) || error.code !== 'ERR_MM7_XML') throw error;
		const repaired = repairMarkup(text);
		if (repaired === text) throw error;
		return parseStrictly(repaired, limits);
	}
}

/**
 * Parses one document into a tree, under the limits, and repairs nothing.
 *
 * @throws Mm7Error as {@link parseXml}
 */
export function parseStrictly(text: string, limits: XmlLimits): Element {
	if (standsInADocument) {
		parser.reset();
		steer(parser.saxParser);
	}
	standsInADocument = true;
	const tree = new TreeBuilder(limits);
	buildIn(tree);
	try {
		// without a callback: its way of telling errors would keep the parser from stopping at the first
		if (DECLARATION.test(text)) parseInSlices(text, parser.saxParser);
		else parser.parseString(text);
		standsInADocument = false;
	} catch (error) {
		throw error instanceof Mm7Error ? error : new Mm7Error('ERR_MM7_XML', { cause: error });
	} finally {
		buildIn(undefined);
	}
	if (!tree.root) throw new Mm7Error('ERR_MM7_XML', { detail: 'there is no element' });
	return tree.root;
}

/**
 * Refuses a text with more references, comments, CDATA sections, processing instructions and declarations than any
 * report has: each costs the parser far more than its few bytes.
 */
function refuseMarkupSoup(text: string): void {
	if (ENDLESS_NAME.test(text)) throw new Mm7Error('ERR_MM7_XML', { detail: 'a name has more than 1024 characters' });
	if (text.length <= MOST_MARKUP) return; // too short for so many
	let found = 0;
	for (const opening of ['&', '<!', '<?']) {
		for (let at = text.indexOf(opening); at !== -1; at = text.indexOf(opening, at + opening.length)) {
			if (++found > MOST_MARKUP) throw new Mm7Error('ERR_MM7_XML', { detail: `more than ${MOST_MARKUP} references` });
		}
	}
}

/** What may be read as a declaration. Inside CDATA, comments and the like it is text, which only the parser can tell. */
const DECLARATION = /<\s*!(?!--|\[CDATA\[|DOCTYPE)/i;
/** Characters of `[CDATA[` and `DOCTYPE`. */
const LONGEST_KEYWORD = 7;
/** Characters of a declaration that the parser may read before it is stopped, at most. */
const SLICE = 64;

/**
 * Parses slice by slice, and refuses a declaration when the parser has collected more of it than a keyword. Outside a
 * DTD there is none, and the parser looks at all of one again with each of its characters. The parser itself is asked,
 * since any other reading of the text could be deceived about where a declaration begins.
 */
function parseInSlices(text: string, sax: Sax): void {
	for (let start = 0; start < text.length; start += SLICE) {
		sax.write(text.slice(start, start + SLICE));
		if (sax.sgmlDecl.length > LONGEST_KEYWORD) onDeclaration();
	}
	sax.close();
}
