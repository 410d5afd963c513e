import { attribute, type Element, trimmedText } from '../xml/element.js';

/** How many references of one message are followed: values that refer to each other could be unfolded for ever. */
const MAX_REFERENCES = 100;

/**
 * Puts the values that SOAP's encoding (SOAP 1.1, section 5.4.1) wrote beside an operation into the place of their
 * references, as Axis sends addresses: `<Recipient href="#id0"/>` and `<multiRef id="id0"><Number>…` behind the operation.
 *
 * @param others - what else the Body holds
 */
export function withReferredValues(operation: Element, others: readonly Element[]): Element {
	let followed = 0;
	return others.length === 0 ? operation : follow(operation);

	function follow(element: Element): Element {
		const value = referredValue(element, others);
		if (value === undefined) return { ...element, children: element.children.map(follow) };
		if (followed++ >= MAX_REFERENCES) return element;
		const attributes = new Map([...value.attributes].filter(([name]) => name !== 'id'));
		return { ...element, attributes, text: value.text, children: value.children.map(follow) };
	}
}

function referredValue(element: Element, others: readonly Element[]): Element | undefined {
	if (element.children.length > 0 || trimmedText(element) !== undefined) return undefined;
	const href = attribute(element, 'href');
	return href === undefined ? undefined : others.find((other) => href === `#${attribute(other, 'id')}`);
}
