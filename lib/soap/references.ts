import { type Element, trimmedText } from '../xml/element.js';

/** Values that refer to each other could be expanded forever. */
const MAX_ADDED_ELEMENTS = 1000;

/**
 * Replaces references by the values that SOAP's encoding (SOAP 1.1, section 5.4.1) puts after the operation. Axis sends
 * addresses this way: `<Recipient href="#id0"/>` and `<multiRef id="id0"><Number>…`.
 */
export function withReferredValues(operation: Element, contents: readonly Element[]): Element {
	const values = valuesByReference(contents);
	let left = MAX_ADDED_ELEMENTS;
	return values.size === 0 ? operation : follow(operation);

	function follow(element: Element): Element {
		const isEmpty = element.children.length === 0 && trimmedText(element) === undefined;
		const referred = isEmpty ? values.get(element.attributes.get('href') ?? '') : undefined;
		if (referred === undefined || referred.size > left) return { ...element, children: element.children.map(follow) };
		const { value, size } = referred;
		left -= size;
		const attributes = new Map([...value.attributes].filter(([name]) => name !== 'id'));
		return { ...element, attributes, text: value.text, children: value.children.map(follow) };
	}
}

/** By `#id0`; the first one of an id wins. */
function valuesByReference(contents: readonly Element[]) {
	const values = new Map<string, { readonly value: Element; readonly size: number }>();
	for (const value of contents) {
		const reference = `#${value.attributes.get('id') ?? ''}`;
		if (reference !== '#' && !values.has(reference)) values.set(reference, { value, size: sizeOf(value) });
	}
	return values;
}

/** The number of elements, itself included. */
function sizeOf(element: Element): number {
	return element.children.reduce((size, child) => size + sizeOf(child), 1);
}
