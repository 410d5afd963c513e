import { type Element, sameName, trimmedText } from '../xml/element.js';

/**
 * Replaces the maps of SOAP stacks without a WSDL (PHP's SoapClient, Apache's Map) by the elements that they mean:
 * `<item><key>Number</key><value>12015550123</value></item>` as `<Number>12015550123</Number>`, at any depth.
 * An element without such items stays the same object.
 */
export function withoutMapItems(element: Element): Element {
	return holdsMaps(element) ? unfold(element) : element;
}

function holdsMaps({ children }: Element): boolean {
	return children.some((element) => itemOf(element) !== undefined || isParameter(element) || holdsMaps(element));
}

function unfold(element: Element): Element {
	const children = element.children.flatMap((original) => {
		const item = itemOf(original);
		const read = item ? { ...unfold(item.value), name: item.key } : unfold(original);
		return isParameter(read) ? read.children : [read];
	});
	return { ...element, children };
}

function itemOf(element: Element): { readonly key: string; readonly value: Element } | undefined {
	if (!sameName(element.name, 'item')) return undefined;
	const key = trimmedText(element.children.find(({ name }) => sameName(name, 'key')));
	const value = element.children.find(({ name }) => sameName(name, 'value'));
	return key === undefined || value === undefined ? undefined : { key, value };
}

/** PHP wraps an argument without a name: `<param0>`. */
function isParameter({ name, children }: Element): boolean {
	return children.length > 0 && /^param\d+$/.test(name);
}
