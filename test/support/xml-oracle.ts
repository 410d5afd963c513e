import { parseXml as parseByOracle, XmlCdata, XmlElement, XmlText } from '@rgrove/parse-xml';
import { SaxesParser } from 'saxes';
import type { Element } from '../../lib/xml/element.js';
import { parseXml } from '../../lib/xml/parse.js';

/** The content of a document: names, attributes, texts and their order. */
export interface Tree {
	readonly prefix: string;
	readonly name: string;
	readonly attributes: Readonly<Record<string, string>>;
	readonly text: string;
	readonly children: readonly Tree[];
}

/** The tree that one of the two parsers reads from a document, or the reason why it rejects the document. */
export type Reading = { readonly tree: Tree } | { readonly refusal: Error };

const NO_LIMITS = { elements: 1_000_000, depth: 256, attributes: 10_000 };

/** Reads a document with the parser under test. */
export function ourReading(xml: string): Reading {
	return readingOf(() => ourTree(parseXml(xml, NO_LIMITS)));
}

/** Reads a document with an unrelated, strict parser. */
export function oracleReading(xml: string): Reading {
	return readingOf(() => oracleTree(parseByOracle(xml).root as XmlElement));
}

/** The first error of a namespace-aware parser; `undefined` if the document is well-formed. */
export function complaintAbout(xml: string): string | undefined {
	let complaint: string | undefined;
	const parser = new SaxesParser({ xmlns: true });
	parser.on('error', ({ message }) => {
		complaint ??= message;
	});
	parser.write(xml).close();
	return complaint;
}

function readingOf(read: () => Tree): Reading {
	try {
		return { tree: read() };
	} catch (error) {
		return { refusal: error as Error };
	}
}

/** Evens out the one permitted difference: our parser keeps white space in attributes as sent. */
function normalized(attributes: Iterable<readonly [string, string]>): Record<string, string> {
	return Object.fromEntries(Array.from(attributes, ([name, value]) => [name, value.replace(/[\t\n\r]/g, ' ')]));
}

function ourTree({ prefix, name, attributes, text, children }: Element): Tree {
	return { prefix, name, attributes: normalized(attributes), text, children: children.map(ourTree) };
}

function oracleTree({ name, attributes, children }: XmlElement): Tree {
	const texts = children.filter((node) => node instanceof XmlText || node instanceof XmlCdata);
	const elements = children.filter((node) => node instanceof XmlElement);
	return {
		prefix: name.slice(0, Math.max(0, name.indexOf(':'))),
		name: name.slice(name.indexOf(':') + 1),
		attributes: normalized(Object.entries(attributes)),
		text: texts.map(({ text }) => text).join(''),
		children: elements.map(oracleTree),
	};
}
