/** An XML element as the steps behind the parser see it: nothing of xml2js, nothing inherited. */
export interface Element {
	/** Local name as sent. */
	readonly name: string;
	/** Prefix of the name; empty where it has none. */
	readonly prefix: string;
	/** Attributes by qualified name, namespace declarations included. */
	readonly attributes: ReadonlyMap<string, string>;
	/** Text of its own, CDATA included, trimmed. */
	readonly text: string;
	/** Child elements in document order. */
	readonly children: readonly Element[];
}

/**
 * The first direct child of that local name. Namespace and case do not count: senders leave the one out and
 * vary the other.
 */
export function child(parent: Element | undefined, name: string): Element | undefined {
	if (!parent) return undefined;
	for (const element of parent.children) if (sameName(element.name, name)) return element;
	return undefined;
}

/** Text of the first direct child of that name; an element without text counts as absent. */
export function childText(parent: Element | undefined, name: string): string | undefined {
	return child(parent, name)?.text || undefined;
}

/** Value of the attribute of that local name, trimmed; an empty one counts as absent. */
export function attribute(element: Element, name: string): string | undefined {
	if (element.attributes.size === 0) return undefined;
	for (const [key, value] of element.attributes) {
		if (sameName(key.slice(key.indexOf(':') + 1), name) && !key.startsWith('xmlns:')) return value.trim() || undefined;
	}
	return undefined;
}

/** The namespace URI of the innermost element of a path, trimmed; `undefined` where none is declared. */
export function namespaceOf(path: readonly Element[]): string | undefined {
	const innermost = path.at(-1);
	const declaration = innermost?.prefix ? `xmlns:${innermost.prefix}` : 'xmlns';
	for (let i = path.length - 1; i >= 0; i--) {
		const uri = path[i]?.attributes.get(declaration);
		if (uri !== undefined) return uri.trim() || undefined;
	}
	return undefined;
}

/** Compares local names without case. */
export function sameName(one: string, other: string): boolean {
	if (one === other) return true;
	return one.length === other.length && isSameLetter(one, other) && one.toLowerCase() === other.toLowerCase();
}

/** Whether two names may begin with the same letter: most pairs are told apart here, without making strings. */
function isSameLetter(one: string, other: string): boolean {
	return (one.charCodeAt(0) | 0x20) === (other.charCodeAt(0) | 0x20);
}
