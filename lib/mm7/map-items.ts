import { child, type Element, sameName, trimmedText } from '../xml/element.js';

/**
 * Reads the maps of SOAP stacks that work without a WSDL (PHP's SoapClient, Apache's Map) as the elements that they
 * stand for: `<item><key>Number</key><value>12015550123</value></item>` as `<Number>12015550123</Number>`, at any depth.
 * An element without such items stays the same object.
 */
export function withoutMapItems(element: Element): Element {
	if (element.children.length === 0) return element;
	const children = element.children.flatMap((original) => {
		const read = fromItem(original) ?? withoutMapItems(original);
		return isParameter(read) ? read.children : [read];
	});
	const isChanged = children.some((read, index) => read !== element.children[index]);
	return isChanged ? { ...element, children } : element;
}

/** The element that a map item stands for. */
function fromItem(element: Element): Element | undefined {
	if (!sameName(element.name, 'item')) return undefined;
	const name = trimmedText(child(element, 'key'));
	const value = child(element, 'value');
	if (name === undefined || value === undefined) return undefined;
	return { ...withoutMapItems(value), name };
}

/** PHP wraps an argument without a name: `<param0>`. */
function isParameter({ name, children }: Element): boolean {
	return children.length > 0 && /^param\d+$/.test(name);
}
