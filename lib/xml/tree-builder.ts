import { Mm7Error } from '../errors.js';
import type { Element } from './element.js';

/** Bounds of a document; what is over them is hostile, for a report needs a few dozen elements. */
export interface XmlLimits {
	readonly maxElements: number;
	readonly maxDepth: number;
	/** Of one element. */
	readonly maxAttributes: number;
}

/** The sax parser inside xml2js, as far as it is steered here. It calls its handlers as methods. */
export interface Sax {
	/** The tag whose attributes are being read. */
	readonly tag: { readonly attributes: Record<string, string> };
	/** What was read of the declaration, or of the keyword, that is open. */
	readonly sgmlDecl: string;
	write(text: string): void;
	close(): void;
	onopentagstart?: (tag: { readonly name: string }) => void;
	onattribute?: (this: Sax, attribute: { readonly name: string; readonly value: string }) => void;
	onopentag?: undefined;
	ontext?: (text: string) => void;
	oncdata?: (text: string) => void;
	onclosetag?: () => void;
	ondoctype?: () => void;
	onsgmldeclaration?: () => void;
	onerror?: (error: Error) => void;
}

/** An element that may still grow. */
interface OpenElement extends Element {
	text: string;
	attributes: ReadonlyMap<string, string>;
	children: readonly Element[];
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();
const NO_CHILDREN: readonly Element[] = [];

/**
 * Makes the tree of one document while the parser reads it. What is not allowed stops the parser on the spot, and is
 * not looked for in the text, where another reading than the parser's could be deceived.
 */
export class TreeBuilder {
	root: Element | undefined;
	readonly #limits: XmlLimits;
	/** From the root to the innermost. */
	readonly #open: OpenElement[] = [];
	#elements = 0;
	/** Of the newest element, with those that come again. */
	#attributes = 0;

	constructor(limits: XmlLimits) {
		this.#limits = limits;
	}

	openTag(qualifiedName: string): void {
		const { maxElements, maxDepth } = this.#limits;
		const depth = this.#open.length;
		if (depth === 0 && this.root) throw new Mm7Error('ERR_MM7_XML', { detail: 'there are two root elements' });
		if (this.#elements >= maxElements) throw tooMany('ERR_MM7_TOO_MANY_ELEMENTS', maxElements);
		if (depth >= maxDepth) throw tooMany('ERR_MM7_TOO_DEEP', maxDepth);
		this.#elements++;
		this.#attributes = 0;
		const colon = qualifiedName.indexOf(':');
		const element: OpenElement = {
			name: qualifiedName.slice(colon + 1),
			prefix: colon === -1 ? '' : qualifiedName.slice(0, colon),
			attributes: NO_ATTRIBUTES,
			text: '',
			children: NO_CHILDREN,
		};
		const parent = this.#open[depth - 1];
		if (parent === undefined) this.root = element;
		else if (parent.children === NO_CHILDREN) parent.children = [element];
		else (parent.children as Element[]).push(element);
		this.#open.push(element);
	}

	attribute(name: string, value: string): void {
		const { maxAttributes } = this.#limits;
		const element = this.#open[this.#open.length - 1] as OpenElement;
		if (++this.#attributes > maxAttributes) throw tooMany('ERR_MM7_TOO_MANY_ATTRIBUTES', maxAttributes);
		if (element.attributes === NO_ATTRIBUTES) element.attributes = new Map();
		const attributes = element.attributes as Map<string, string>;
		if (!attributes.has(name)) attributes.set(name, value);
	}

	text(text: string): void {
		const element = this.#open[this.#open.length - 1];
		if (element) element.text += text;
	}

	closeTag(): void {
		const element = this.#open.pop() as OpenElement;
		element.text = element.text.trim();
	}
}

function tooMany(
	code: 'ERR_MM7_TOO_MANY_ELEMENTS' | 'ERR_MM7_TOO_DEEP' | 'ERR_MM7_TOO_MANY_ATTRIBUTES',
	max: number,
): Mm7Error {
	return new Mm7Error(code, { detail: `more than ${max}` });
}

const IDLE = new TreeBuilder({ maxElements: 0, maxDepth: 0, maxAttributes: 0 });
/** Of the document that is being parsed. */
let builder = IDLE;

/** Has the documents that come next make their tree there; without one, holds nothing of the last document. */
export function buildIn(next: TreeBuilder | undefined): void {
	builder = next ?? IDLE;
}

/**
 * Sets our handlers in place of those of xml2js. They are the same functions for every document: with new ones each
 * time the engine gives up optimizing the parser.
 */
export function steer(sax: Sax): void {
	sax.onopentagstart = onOpenTagStart;
	sax.onattribute = onAttribute;
	// that of xml2js would keep every element for its closing handler, which is ours now
	sax.onopentag = undefined;
	sax.ontext = onText;
	sax.oncdata = onText;
	sax.onclosetag = onCloseTag;
	sax.ondoctype = onDoctype;
	sax.onsgmldeclaration = onDeclaration;
	// xml2js would go on after an error, and forget those behind the root element
	sax.onerror = onError;
}

function onOpenTagStart({ name }: { readonly name: string }): void {
	builder.openTag(name);
}

function onAttribute(this: Sax, { name, value }: { readonly name: string; readonly value: string }): void {
	builder.attribute(name, value);
	// sax asks its own collection of them for this very method
	if (name === 'hasOwnProperty') delete this.tag.attributes[name];
}

function onText(text: string): void {
	builder.text(text);
}

function onCloseTag(): void {
	builder.closeTag();
}

function onDoctype(): never {
	throw new Mm7Error('ERR_MM7_DOCTYPE');
}

/** Outside a DTD there is none. */
export function onDeclaration(): never {
	throw new Mm7Error('ERR_MM7_XML', { detail: 'there is a declaration outside a DTD' });
}

function onError(error: Error): never {
	throw error;
}
