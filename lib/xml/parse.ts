import { Mm7Error } from '../errors.js';
import type { Element } from './element.js';
import { readDocument } from './read-document.js';
import { repairMarkup } from './repair.js';
import { TreeBuilder, type XmlLimits } from './tree-builder.js';

/** References and markup other than tags in one document. Each costs the parser far more than its few bytes. */
const MAX_MARKUP = 8192;
/** A tag name of more than 1,024 characters, which the parser collects one by one. */
const LONG_NAME = /<(?![!?])[^\s<>/]{1025}/;
/**
 * `<!` that starts neither a comment, CDATA nor a document type. The parser collects it in quadratic time. It is never
 * valid outside a document type.
 */
const DECLARATION = /<[ \t\r\n]*!(?!--|\[CDATA\[|DOCTYPE)/i;

/**
 * Parses one document into a tree, within the limits. If it is not well-formed, unescaped `&` and `<` in its text are
 * repaired, since some senders never escape.
 *
 * @throws Mm7Error ERR_MM7_XML, ERR_MM7_DOCTYPE, ERR_MM7_TOO_MANY_ELEMENTS, ERR_MM7_TOO_DEEP,
 * ERR_MM7_TOO_MANY_ATTRIBUTES
 */
export function parseXml(text: string, limits: XmlLimits): Element {
	refuseExpensive(text);
	try {
		return treeOf(text, limits);
	} catch (error) {
		if ((error as Mm7Error).code !== 'ERR_MM7_XML') throw error;
		const repaired = repairMarkup(endingWithTag(text));
		if (repaired === text) throw error;
		return treeOf(repaired, limits);
	}
}

/** The text without anything after its last end tag: it has no `<`, so it has no meaning. */
function endingWithTag(text: string): string {
	const tag = text.lastIndexOf('</');
	return tag === -1 || tag < text.lastIndexOf('<') ? text : text.slice(0, text.indexOf('>', tag) + 1 || undefined);
}

/** Like {@link parseXml}, without repairs. */
export function parseStrictly(text: string, limits: XmlLimits): Element {
	refuseExpensive(text);
	return treeOf(text, limits);
}

/** Rejects constructs that are expensive to parse and never occur in reports. */
function refuseExpensive(text: string): void {
	if (LONG_NAME.test(text)) {
		throw new Mm7Error('ERR_MM7_XML', { detail: 'a name has more than 1024 characters' });
	}
	const declaration = DECLARATION.exec(text);
	if (declaration) {
		if (/<!DOCTYPE/i.test(text.slice(0, declaration.index))) throw new Mm7Error('ERR_MM7_DOCTYPE');
		throw new Mm7Error('ERR_MM7_XML', { detail: '"<!" starts neither a comment nor CDATA' });
	}
	if (text.length > MAX_MARKUP && text.split(/&|<[!?]/, MAX_MARKUP + 2).length > MAX_MARKUP + 1) {
		throw new Mm7Error('ERR_MM7_XML', { detail: `more than ${MAX_MARKUP} references and sections` });
	}
}

function treeOf(text: string, limits: XmlLimits): Element {
	const tree = new TreeBuilder(limits);
	// all line ends become line feeds (XML 1.0 section 2.11)
	readDocument(text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n'), tree);
	if (!tree.root) throw new Mm7Error('ERR_MM7_XML', { detail: 'there is no element' });
	return tree.root;
}
