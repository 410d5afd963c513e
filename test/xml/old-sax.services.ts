import { expect } from 'chai';
import fc from 'fast-check';
import { parseXml } from '../../lib/xml/parse.js';
import { repairMarkup } from '../../lib/xml/repair.js';
import { LIMITS } from '../support/xml.js';
import { xmlDocument } from '../support/xml-documents.js';
import { suiteDocuments } from '../support/xml-suite.js';

const NO_LIMITS = { elements: 1_000_000, depth: 256, attributes: 10_000 };

/** Loads the parser of lib with an xml2js that uses another version of sax. */
function parserWith(sax: string): typeof parseXml {
	const paths = ['../../lib/xml/parse.ts', '../../lib/xml/read-document.ts', 'xml2js'].map((path) =>
		require.resolve(path),
	);
	const isOurs = (path: string) => paths.includes(path) || path.includes('/xml2js/');
	const newest = require.resolve('sax', { paths: [require.resolve('xml2js')] });
	const before = Object.entries(require.cache).filter(([path]) => isOurs(path) || path === newest);
	for (const [path] of before) delete require.cache[path];
	require(sax);
	require.cache[newest] = require.cache[require.resolve(sax)];
	try {
		return require(paths[0] as string).parseXml;
	} finally {
		for (const path of Object.keys(require.cache).filter(isOurs)) delete require.cache[path];
		for (const [path, loaded] of before) require.cache[path] = loaded;
	}
}

/** The tree, or the code of the error. */
function outcomeOf(parse: typeof parseXml, xml: string, limits: typeof LIMITS): unknown {
	try {
		return parse(xml, limits);
	} catch (error) {
		return (error as { code?: string }).code ?? error;
	}
}

describe('with sax 0.6.0, the oldest version that npm may install for xml2js, parseXml', () => {
	const parse = parserWith('sax-0.6.0');
	const expectSame = (xml: string, limits = NO_LIMITS) => {
		expect(outcomeOf(parse, xml, limits), xml).to.deep.equal(outcomeOf(parseXml, xml, limits));
	};

	it('does not resolve entities named like properties of Object.prototype', () => {
		for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']) {
			const root = parse(`<a b="&${name};">&${name};</a>`, LIMITS);
			expect([root.text, root.attributes.get('b')], name).to.deep.equal([`&${name};`, `&${name};`]);
		}
	});

	it('reads entities, references and forbidden characters as with the newest version', () => {
		const references = ['&#0;', '&#x1B;', '&#xD83D;&#xDE00;', '&#xDE00;', '&#x110000;', '&#xFFFF;'];
		for (const text of ['&nbsp;&AMP;&lt;&eacute;', ...references]) expectSame(`<a b="${text}">${text}</a>`);
	});

	it('applies the limits', () => {
		for (const xml of [
			...['<a/>'.repeat(2), `<a>${'<a/>'.repeat(20)}</a>`, '<a>'.repeat(6) + '</a>'.repeat(6)],
			...[`<a ${'hasOwnProperty="" '.repeat(4)}/>`, '<a b="1"><b c="2" b="3"/></a>'],
			...['<!DOCTYPE a><a/>', '<?x ??><a/>'],
		]) {
			expectSame(xml, LIMITS);
		}
	});

	it("reads the W3C's test suite as with the newest version", () => {
		for (const { xml } of suiteDocuments()) expectSame(xml);
	});

	it('reads any document that needs no repair as with the newest version', () => {
		const sound = xmlDocument.filter((xml) => repairMarkup(xml) === xml);
		fc.assert(
			fc.property(sound, (xml) => expectSame(xml)),
			{ numRuns: 1000 },
		);
	});
});
