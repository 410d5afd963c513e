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

const ATTRIBUTES = '$';
const TEXT = '_';

/** What xml2js makes of an element: a text, or an object of attributes, text and children. */
type Node = string | { readonly [key: string]: unknown };

/** The handlers of the sax parser inside xml2js that are watched here. */
interface Sax {
	onopentagstart?: (tag: { attributes: object }) => void;
	onattribute?: () => void;
	onclosetag: (name: string) => void;
	ondoctype?: () => void;
	onerror: (error: Error) => void;
}

/** What xml2js has beside its documented interface. */
interface Internals {
	readonly saxParser: Sax;
	readonly resultObject: { readonly [name: string]: Node } | null;
}

/** References and markup other than tags in one document. */
const MOST_MARKUP = 8192;
/** A tag with a name of over 1024 characters, which the parser would collect one by one. */
const ENDLESS_NAME = /<[^\s<>/!?][^\s<>/]{1024}/;

/** sax asks the attributes themselves for their own properties; an attribute of this name must not answer. */
const ATTRIBUTES_PROTOTYPE: object = Object.create(null, {
	hasOwnProperty: { get: () => Object.prototype.hasOwnProperty, set() {} },
});

let elements = 0;

/**
 * One parser for all documents: it works synchronously and resets itself.
 *
 * `xmlns` stays off, because its cost grows with the cube of the depth. Every element gets a name of its own (a
 * number before it), so that children keep their order and no element named `__proto__` or `constructor` meets
 * anything inherited.
 */
const parser = new Parser({
	async: false,
	explicitArray: false,
	attrkey: ATTRIBUTES,
	charkey: TEXT,
	tagNameProcessors: [(name) => `${elements++} ${name}`],
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
	elements = 0;
	const watch = watchParser(parser.saxParser, limits);
	try {
		// without a callback: its way of telling errors would keep the parser from stopping at the first
		parser.parseString(text);
	} catch (error) {
		watch.fail(error);
	}
	const root = parser.resultObject;
	parser.reset(); // it may stand in the middle of the document, and should not hold the result
	if (watch.failure instanceof Mm7Error) throw watch.failure;
	if (watch.failure !== undefined) throw new Mm7Error('ERR_MM7_XML', { cause: watch.failure });
	const [entry] = Object.entries(root ?? {});
	if (!entry) throw new Mm7Error('ERR_MM7_XML', { detail: 'there is no element' });
	return toElement(...entry);
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

/**
 * Counts while the parser runs, where it cannot be deceived by a second reading of the text. xml2js forgets errors
 * behind the root element; those are kept too.
 */
function watchParser(sax: Sax, limits: XmlLimits) {
	let depth = 0;
	let opened = 0;
	let attributes = 0;
	const watch = {
		failure: undefined as unknown,
		/** The first failure counts, the others follow from it. */
		fail(error: unknown) {
			watch.failure ??= error;
		},
	};
	const refuse = (error: Mm7Error) => {
		watch.fail(error);
		throw error;
	};

	const { onclosetag, onerror } = sax;
	sax.onopentagstart = (tag) => {
		if (depth === 0 && opened > 0) refuse(new Mm7Error('ERR_MM7_XML', { detail: 'there are two root elements' }));
		if (++opened > limits.maxElements) refuse(tooMany('ERR_MM7_TOO_MANY_ELEMENTS', limits.maxElements));
		if (++depth > limits.maxDepth) refuse(tooMany('ERR_MM7_TOO_DEEP', limits.maxDepth));
		attributes = 0;
		tag.attributes = Object.create(ATTRIBUTES_PROTOTYPE);
	};
	sax.onattribute = () => {
		if (++attributes > limits.maxAttributes) refuse(tooMany('ERR_MM7_TOO_MANY_ATTRIBUTES', limits.maxAttributes));
	};
	sax.onclosetag = (name) => {
		depth--;
		onclosetag(name);
	};
	sax.ondoctype = () => refuse(new Mm7Error('ERR_MM7_DOCTYPE'));
	sax.onerror = (error) => {
		watch.fail(error);
		onerror(error);
	};
	return watch;
}

function tooMany(
	code: 'ERR_MM7_TOO_MANY_ELEMENTS' | 'ERR_MM7_TOO_DEEP' | 'ERR_MM7_TOO_MANY_ATTRIBUTES',
	max: number,
): Mm7Error {
	return new Mm7Error(code, { detail: `more than ${max}` });
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

/** The recursion is as deep as the document, which `maxDepth` bounds. */
function toElement(numberedName: string, node: Node): Element {
	const qualifiedName = numberedName.slice(numberedName.indexOf(' ') + 1);
	const colon = qualifiedName.indexOf(':');
	const name = qualifiedName.slice(colon + 1);
	const prefix = colon === -1 ? '' : qualifiedName.slice(0, colon);
	if (typeof node === 'string') return { name, prefix, attributes: NO_ATTRIBUTES, text: node.trim(), children: [] };

	let attributes = NO_ATTRIBUTES;
	let text = '';
	const children: Element[] = [];
	for (const key in node) {
		const value = node[key];
		if (key === ATTRIBUTES) attributes = new Map(Object.entries(value as Record<string, string>));
		else if (key === TEXT) text = (value as string).trim();
		else children.push(toElement(key, value as Node));
	}
	return { name, prefix, attributes, text, children };
}
