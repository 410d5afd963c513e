import { type Element, namespaceOf, trimmedText } from '../../lib/xml/element.js';
import { escapeXml } from '../../lib/xml/escape.js';
import { parseXml } from '../../lib/xml/parse.js';

const LIMITS = { elements: 100, depth: 20, attributes: 20 };
const MISLEADING_TEXT = 'The TransactionID is right, & the rest is <not>: MustUnderstand, VersionMismatch';

/** Content that a receiver may write before and after an element. */
const ADDITIONS: Readonly<Record<string, readonly [before: string, after: string]>> = {
	TransactionID: ['<x:trace xmlns:x="urn:trace">7</x:trace>', ''],
	MM7Version: ['<!-- <MM7Version/> -->', ''],
	Status: ['', '<Extension><x:of xmlns:x="urn:ours">a vendor</x:of></Extension>'],
	faultstring: ['', '<faultactor xmlns="">urn:receiver</faultactor>'],
	Text: ['<Text xml:lang="de">falsch</Text>', ''],
	Reason: ['', '<Role>urn:receiver</Role>'],
};

/** Rewrites a response as other receivers send it: the same elements in the same namespaces. */
export const OTHER_WRITERS: Readonly<Record<string, (response: string) => string>> = {
	'all elements by prefix, indented': (response) =>
		`<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n${prefixed(parseXml(response, LIMITS))}\n`,
	'default namespaces, a reordered Status, comments, CDATA, and optional elements': (response) =>
		extended(parseXml(response, LIMITS)),
};

function prefixed(element: Element): string {
	const { name, children } = element;
	const tag = namespaceOf(element) === undefined ? name : `p:${name}`;
	const { attributes, text } = contentOf(element, 'p');
	const content = children.length > 0 ? children.map(prefixed).join('\n') : escapeXml(text);
	const blank = children.length > 0 || /Code$/i.test(name) ? '\n  ' : '';
	return `<${tag}${attributes}>${blank}${content}${blank}</${tag}>`;
}

function extended(element: Element): string {
	const { name, children } = element;
	const { attributes, text } = contentOf(element);
	const [before, after] = ADDITIONS[name] ?? ['', ''];
	const inner = name === 'Status' ? children.toReversed() : children;
	const isFreeText = ['StatusText', 'faultstring', 'Text'].includes(name);
	const own = isFreeText
		? `<![CDATA[${MISLEADING_TEXT}]]>`
		: escapeXml(text.replace(/^q:(Client|Server)$/, '$&.Parsing'));
	return `${before}<${name}${attributes}>${inner.map(extended).join('') || own}</${name}>${after}`;
}

/** Attributes and text of an element, with its namespace declared for `prefix`, and those of qualified names for `q`. */
function contentOf(element: Element, prefix?: string): { attributes: string; text: string } {
	const namespace = namespaceOf(element);
	const declarations = new Map([[prefix && namespace ? `xmlns:${prefix}` : 'xmlns', namespace ?? '']]);
	const qualified = (name: string) =>
		name.replace(/^(env|mm7):/, (_, known: string) => {
			declarations.set('xmlns:q', namespaceOf(element, known) ?? '');
			return 'q:';
		});
	const text = qualified(trimmedText(element) ?? '');
	for (const [name, value] of element.attributes) {
		if (!name.startsWith('xmlns')) declarations.set(qualified(name), value);
	}
	return { attributes: [...declarations].map(([name, value]) => ` ${name}="${escapeXml(value)}"`).join(''), text };
}
