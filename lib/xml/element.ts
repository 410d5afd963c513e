import { trimWhiteSpace } from './white-space.js';

/** An XML element as the steps after the parser see it: nothing of xml2js, nothing inherited. */
export interface Element {
	/** The element around it in the document; a copy that stands elsewhere keeps it, and so its namespaces. */
	readonly parent: Element | undefined;
	/** Local name as sent. */
	readonly name: string;
	/** Prefix of the name; empty where it has none. */
	readonly prefix: string;
	/** Attributes by qualified name, namespace declarations included. */
	readonly attributes: ReadonlyMap<string, string>;
	/** Text of its own, CDATA included, with the white space around it. */
	readonly text: string;
	/** Child elements in document order. */
	readonly children: readonly Element[];
}

/** Text of an element, trimmed; an element without text counts as absent. */
export function trimmedText(element: Element | undefined): string | undefined {
	return element && (trimWhiteSpace(element.text) || undefined);
}

/**
 * The namespace URI of an element, trimmed; `undefined` if none is declared.
 *
 * @param prefix - if not that of the element, such as that of one of its attributes
 */
export function namespaceOf(element: Element | undefined, prefix = element?.prefix): string | undefined {
	const declaration = prefix ? `xmlns:${prefix}` : 'xmlns';
	for (let scope = element; scope; scope = scope.parent) {
		const uri = scope.attributes.get(declaration);
		if (uri !== undefined) return trimWhiteSpace(uri) || undefined;
	}
	return undefined;
}

/** Compares local names without case. */
export function sameName(one: string, other: string): boolean {
	return one === other || (one.length === other.length && one.toLowerCase() === other.toLowerCase());
}
