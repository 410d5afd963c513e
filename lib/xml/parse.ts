import { Parser } from 'xml2js';
import { Mm7Error } from '../errors.js';
import type { Element } from './element.js';
import { repairMarkup } from './repair.js';

/** Bounds of a document; what is over them is hostile, for a report needs a few dozen elements. */
export interface XmlLimits {
	readonly maxElements: number;
	readonly maxDepth: number;
	/** Of one element. */
	readonly maxAttributes: number;
}

const TEXT = '_';
const CHILDREN = 'element';

/** What xml2js makes of an element: its text where it has nothing else, or an object of text and children. */
type Node = string | { readonly [TEXT]?: string; readonly [CHILDREN]?: readonly Node[] };

/** A tag as sax hands it out before it reads the attributes. */
interface OpeningTag {
	readonly name: string;
	attributes: object;
}

/** The sax parser inside xml2js, as far as it is watched here. It calls its handlers as methods. */
interface Sax {
	/** The elements that are open. */
	readonly tags: readonly unknown[];
	/** What was read of the declaration, or of the keyword, that is open. */
	readonly sgmlDecl: string;
	write(text: string): void;
	close(): void;
	onopentagstart?: (this: Sax, tag: OpeningTag) => void;
	onattribute?: (attribute: { readonly name: string; readonly value: string }) => void;
	ondoctype?: () => void;
	onsgmldeclaration?: () => void;
	onerror: (error: Error) => void;
}

/** What xml2js has beside its documented interface. */
interface Internals {
	readonly saxParser: Sax;
	readonly resultObject: { readonly [CHILDREN]: Node } | null;
}

/** References and markup other than tags in one document. */
const MOST_MARKUP = 8192;
/** A tag with a name of over 1024 characters, which the parser would collect one by one. */
const ENDLESS_NAME = /<[^\s<>/!?][^\s<>/]{1024}/;

/** sax asks the attributes themselves for their own properties; an attribute of this name must not answer. */
const ATTRIBUTES_PROTOTYPE: object = Object.create(null, {
	hasOwnProperty: { get: () => Object.prototype.hasOwnProperty, set() {} },
});

/**
 * One parser for all documents: it works synchronously and resets itself.
 *
 * `xmlns` stays off, because its cost grows with the cube of the depth. All elements get the same name: so xml2js
 * keeps the children of an element in one list, in their order and at little cost, and no element named `__proto__`
 * or `constructor` meets anything inherited. Their true names and attributes are noted by the {@link Watch}.
 */
const parser = new Parser({
	async: false,
	charkey: TEXT,
	ignoreAttrs: true,
	tagNameProcessors: [() => CHILDREN],
}) as Parser & Internals;

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
	watch = new Watch(limits);
	watchParser(parser.saxParser);
	try {
		// without a callback: its way of telling errors would keep the parser from stopping at the first
		if (DECLARATION.test(text)) parseInSlices(text, parser.saxParser);
		else parser.parseString(text);
	} catch (error) {
		watch.fail(error);
	}
	const root = parser.resultObject;
	parser.reset(); // it may stand in the middle of the document, and should not hold the result
	const { failure, tags } = watch;
	if (failure instanceof Mm7Error) throw failure;
	if (failure !== undefined) throw new Mm7Error('ERR_MM7_XML', { cause: failure });
	if (root === null) throw new Mm7Error('ERR_MM7_XML', { detail: 'there is no element' });
	return toElement(root[CHILDREN], tags.values());
}

/**
 * Refuses a text with more references, comments, CDATA sections, processing instructions and declarations than any
 * report has: each costs the parser far more than its few bytes.
 */
function refuseMarkupSoup(text: string): void {
	if (ENDLESS_NAME.test(text)) throw new Mm7Error('ERR_MM7_XML', { detail: 'a name has more than 1024 characters' });
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

/** An opening tag as sent. */
interface Tag {
	readonly name: string;
	attributes: Map<string, string> | undefined;
}

/** What is noted while the parser runs, where it cannot be deceived by a second reading of the text. */
class Watch {
	/** In document order. */
	readonly tags: Tag[] = [];
	/** Of the newest tag. */
	attributes = 0;
	/** The first failure counts, the others follow from it. */
	failure: unknown;

	constructor(readonly limits: XmlLimits) {}

	fail(error: unknown): void {
		this.failure ??= error;
	}
}

/** Of the document that is being parsed. */
let watch: Watch;

function refuse(error: Error): never {
	watch.fail(error);
	throw error;
}

/**
 * The handlers are the same functions for every document, and set one by one: with functions made anew each time,
 * or set by `Object.assign`, the engine gives up optimizing the parser.
 */
function watchParser(sax: Sax): void {
	sax.onopentagstart = onOpenTagStart;
	sax.onattribute = onAttribute;
	sax.ondoctype = onDoctype;
	sax.onsgmldeclaration = onDeclaration;
	// xml2js goes on after an error, and forgets those behind the root element
	sax.onerror = refuse;
}

function onOpenTagStart(this: Sax, tag: OpeningTag): void {
	const { tags, limits } = watch;
	const depth = this.tags.length;
	if (depth === 0 && tags.length > 0) refuse(new Mm7Error('ERR_MM7_XML', { detail: 'there are two root elements' }));
	if (tags.length >= limits.maxElements) refuse(tooMany('ERR_MM7_TOO_MANY_ELEMENTS', limits.maxElements));
	if (depth >= limits.maxDepth) refuse(tooMany('ERR_MM7_TOO_DEEP', limits.maxDepth));
	tag.attributes = Object.create(ATTRIBUTES_PROTOTYPE);
	tags.push({ name: tag.name, attributes: undefined });
	watch.attributes = 0;
}

function onAttribute({ name, value }: { readonly name: string; readonly value: string }): void {
	const { tags, limits } = watch;
	if (++watch.attributes > limits.maxAttributes) {
		refuse(tooMany('ERR_MM7_TOO_MANY_ATTRIBUTES', limits.maxAttributes));
	}
	const tag = tags[tags.length - 1] as Tag;
	tag.attributes ??= new Map();
	tag.attributes.set(name, value);
}

function onDeclaration(): never {
	return refuse(new Mm7Error('ERR_MM7_XML', { detail: 'there is a declaration outside a DTD' }));
}

function onDoctype(): void {
	refuse(new Mm7Error('ERR_MM7_DOCTYPE'));
}

function tooMany(
	code: 'ERR_MM7_TOO_MANY_ELEMENTS' | 'ERR_MM7_TOO_DEEP' | 'ERR_MM7_TOO_MANY_ATTRIBUTES',
	max: number,
): Mm7Error {
	return new Mm7Error(code, { detail: `more than ${max}` });
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();
const NO_CHILDREN: readonly Element[] = [];

/**
 * Puts names and attributes back. The recursion is as deep as the document, which `maxDepth` bounds.
 *
 * @param tags - in document order, which is the order of this walk
 */
function toElement(node: Node, tags: Iterator<Tag>): Element {
	const tag = tags.next().value as Tag;
	const colon = tag.name.indexOf(':');
	const isText = typeof node === 'string';
	return {
		name: tag.name.slice(colon + 1),
		prefix: colon === -1 ? '' : tag.name.slice(0, colon),
		attributes: tag.attributes ?? NO_ATTRIBUTES,
		text: (isText ? node : (node[TEXT] ?? '')).trim(),
		children: (isText ? undefined : node[CHILDREN])?.map((child) => toElement(child, tags)) ?? NO_CHILDREN,
	};
}
