import { Mm7Error, type Mm7ErrorCode } from '../errors.js';
import type { Limits } from '../limits.js';
import type { Element } from './element.js';

/** A report needs a few dozen elements; a document over the limits is hostile. */
export type XmlLimits = Pick<Limits, 'elements' | 'depth' | 'attributes'>;

/** An element that may still grow. */
interface OpenElement extends Element {
	readonly attributes: Map<string, string>;
	text: string;
	readonly children: Element[];
}

/**
 * Builds the tree of one document while the parser reads it. Anything forbidden stops the parser immediately; a search in
 * the text beforehand could be deceived.
 */
export class TreeBuilder {
	root: Element | undefined;
	/** The open elements, the root first. */
	readonly #open: OpenElement[] = [];
	#elements = 0;
	/** Number of attributes of the newest element, repeated ones included. */
	#attributes = 0;

	constructor(private readonly limits: XmlLimits) {}

	openTag(qualifiedName: string): void {
		const { elements, depth } = this.limits;
		const parent = this.#open.at(-1);
		if (!parent && this.root) throw new Mm7Error('ERR_MM7_XML', { detail: 'there are two root elements' });
		if (this.#elements >= elements) throw tooMany('ERR_MM7_TOO_MANY_ELEMENTS', elements);
		if (this.#open.length >= depth) throw tooMany('ERR_MM7_TOO_DEEP', depth);
		this.#elements++;
		this.#attributes = 0;
		const colon = qualifiedName.indexOf(':');
		const element: OpenElement = {
			parent,
			name: qualifiedName.slice(colon + 1),
			prefix: colon === -1 ? '' : qualifiedName.slice(0, colon),
			attributes: new Map(),
			text: '',
			children: [],
		};
		if (parent) parent.children.push(element);
		else this.root = element;
		this.#open.push(element);
	}

	/** Adds an attribute to the newest element; the first one of a name wins. */
	attribute(name: string, value: string): void {
		const limit = this.limits.attributes;
		if (++this.#attributes > limit) throw tooMany('ERR_MM7_TOO_MANY_ATTRIBUTES', limit);
		const attributes = this.#open.at(-1)?.attributes;
		if (!attributes?.has(name)) attributes?.set(name, value);
	}

	text(text: string): void {
		const element = this.#open.at(-1);
		if (element) element.text += text;
	}

	closeTag(): void {
		this.#open.pop();
	}
}

function tooMany(code: Mm7ErrorCode, max: number): Mm7Error {
	return new Mm7Error(code, { detail: `more than ${max}` });
}
