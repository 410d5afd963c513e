/** An XML element, independent of xml2js. */
export interface Element {
	/** The element around it in the document; a copy elsewhere keeps it, and so its namespaces. */
	readonly parent: Element | undefined;
	/** Local name as sent. */
	readonly name: string;
	/** Prefix of the name; empty if it has none. */
	readonly prefix: string;
	/** Attributes by qualified name, namespace declarations included. */
	readonly attributes: ReadonlyMap<string, string>;
	/** Its own text, CDATA included, with the white space around it. */
	readonly text: string;
	/** Child elements in document order. */
	readonly children: readonly Element[];
}

/** Text of an element, trimmed; an element without text counts as absent. */
export function trimmedText(element: Element | undefined): string | undefined {
	return element && (trimWhiteSpace(element.text) || undefined);
}

/** The namespace URI of an element, or of a prefix in its scope, trimmed; `undefined` if none is declared. */
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

/** The white space of XML 1.0 (section 2.3): four characters. JavaScript's `trim` removes two dozen. */
function isWhiteSpace(code: number): boolean {
	return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

export function trimWhiteSpace(text: string): string {
	let start = 0;
	let end = text.length;
	while (start < end && isWhiteSpace(text.charCodeAt(start))) start++;
	while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end--;
	return text.slice(start, end);
}
