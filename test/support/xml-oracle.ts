import { parseXml as parseByOracle, XmlCdata, XmlElement, XmlText } from '@rgrove/parse-xml';
import { SaxesParser } from 'saxes';
import type { Element } from '../../lib/xml/element.js';
import { parseXml } from '../../lib/xml/parse.js';

/** What a document says: names, attributes, texts and their order. */
export interface Tree {
	readonly prefix: string;
	readonly name: string;
	readonly attributes: Readonly<Record<string, string>>;
	readonly text: string;
	readonly children: readonly Tree[];
}

/** A document as one of the two parsers reads it, or why it reads nothing. */
export type Reading = { readonly tree: Tree } | { readonly refusal: Error };

const NO_LIMITS = { elements: 1_000_000, depth: 256, attributes: 10_000 };

/** A document as the parser under test reads it. */
export function ourReading(xml: string): Reading {
	return readingOf(() => ourTree(parseXml(xml, NO_LIMITS)));
}

/** A document as a parser reads it that has nothing in common with ours, and takes XML at its word. */
export function oracleReading(xml: string): Reading {
	return readingOf(() => oracleTree(parseByOracle(xml).root as XmlElement));
}

/** What a parser that knows namespaces has against a document; `undefined` where it is well-formed. */
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

/** The one thing that the parsers may read in different ways: ours leaves white space in attributes as it was sent. */
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
