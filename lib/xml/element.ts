import { trimWhiteSpace } from './white-space.js';

/** An XML element as the steps behind the parser see it: nothing of xml2js, nothing inherited. */
export interface Element {
	/** Local name as sent. */
	readonly name: string;
	/** Prefix of the name; empty where it has none. */
	readonly prefix: string;
	/** Attributes by qualified name, namespace declarations included. */
	readonly attributes: ReadonlyMap<string, string>;
	/** Text of its own, CDATA included, with the white space round it. */
	readonly text: string;
	/** Child elements in document order. */
	readonly children: readonly Element[];
}

/**
 * The first direct child of that local name. Namespace and case do not count: senders leave the one out and
 * vary the other.
 */
export function child(parent: Element | undefined, name: string): Element | undefined {
	for (const element of parent?.children ?? []) if (sameName(element.name, name)) return element;
	return undefined;
}

/** Text of an element, trimmed; an element without text counts as absent. */
export function trimmedText(element: Element | undefined): string | undefined {
	return element && (trimWhiteSpace(element.text) || undefined);
}

/** Text of the first direct child of that name, as {@link trimmedText} gives it. */
export function childText(parent: Element | undefined, name: string): string | undefined {
	return trimmedText(child(parent, name));
}

/** Value of the attribute of that local name, trimmed; an empty one counts as absent. */
export function attribute(element: Element, name: string): string | undefined {
	for (const [key, value] of element.attributes) {
		if (!key.startsWith('xmlns:') && sameName(key.slice(key.indexOf(':') + 1), name)) {
			return trimWhiteSpace(value) || undefined;
		}
	}
	return undefined;
}

/** The namespace URI of the innermost element of a path, trimmed; `undefined` where none is declared. */
export function namespaceOf(path: readonly Element[]): string | undefined {
	const innermost = path.at(-1);
	const declaration = innermost?.prefix ? `xmlns:${innermost.prefix}` : 'xmlns';
	for (let i = path.length - 1; i >= 0; i--) {
		const uri = path[i]?.attributes.get(declaration);
		if (uri !== undefined) return trimWhiteSpace(uri) || undefined;
	}
	return undefined;
}

/** Compares local names without case. */
export function sameName(one: string, other: string): boolean {
	return one === other || (one.length === other.length && one.toLowerCase() === other.toLowerCase());
}
