import { attribute, type Element, trimmedText } from '../xml/element.js';

/** How many elements are visited in one message: values that refer to each other could be unfolded for ever. */
const MAX_VISITS = 1000;

/**
 * Puts the values that SOAP's encoding (SOAP 1.1, section 5.4.1) wrote beside an operation into the place of their
 * references, as Axis sends addresses: `<Recipient href="#id0"/>` and `<multiRef id="id0"><Number>…` behind the operation.
 *
 * @param others - what else the Body holds
 */
export function withReferredValues(operation: Element, others: readonly Element[]): Element {
	const values = valuesByReference(others);
	let visits = 0;
	return values.size === 0 ? operation : follow(operation);

	function follow(element: Element): Element {
		if (visits++ >= MAX_VISITS) return element;
		const value = isEmpty(element) ? values.get(attribute(element, 'href') ?? '') : undefined;
		if (value === undefined) return { ...element, children: element.children.map(follow) };
		const attributes = new Map([...value.attributes].filter(([name]) => name !== 'id'));
		return { ...element, attributes, text: value.text, children: value.children.map(follow) };
	}
}

/** By `#id0`. */
function valuesByReference(others: readonly Element[]): Map<string, Element> {
	const values = new Map<string, Element>();
	for (const other of others) {
		const reference = `#${attribute(other, 'id') ?? ''}`;
		if (reference !== '#' && !values.has(reference)) values.set(reference, other);
	}
	return values;
}

function isEmpty(element: Element): boolean {
	return element.children.length === 0 && trimmedText(element) === undefined;
}
