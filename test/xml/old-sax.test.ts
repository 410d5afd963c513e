import { expect } from 'chai';
import fc from 'fast-check';
import { parseXml } from '../../lib/xml/parse.js';
import { repairMarkup } from '../../lib/xml/repair.js';
import { OLD_SAX, parserWith } from '../support/old-sax.js';
import { LIMITS } from '../support/xml.js';
import { xmlDocument } from '../support/xml-documents.js';
import { suiteDocuments } from '../support/xml-suite.js';

const NO_LIMITS = { elements: 1_000_000, depth: 256, attributes: 10_000 };

/** The tree, or the code of the error. */
function outcomeOf(parse: typeof parseXml, xml: string, limits = NO_LIMITS): unknown {
	try {
		return parse(xml, limits);
	} catch (error) {
		return (error as { code?: string }).code ?? error;
	}
}

for (const sax of OLD_SAX) {
	describe(`on ${sax}`, () => {
		const parse = parserWith(sax);
		const expectSame = (xml: string, limits = NO_LIMITS) => {
			expect(outcomeOf(parse, xml, limits), xml).to.deep.equal(outcomeOf(parseXml, xml, limits));
		};

		it('reads no entity that every object has', () => {
			for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']) {
				const root = parse(`<a b="&${name};">&${name};</a>`, LIMITS);
				expect([root.text, root.attributes.get('b')], name).to.deep.equal([`&${name};`, `&${name};`]);
			}
		});

		it('reads entities, references and forbidden characters as on the newest', () => {
			for (const text of [
				'&nbsp;&AMP;&lt;&eacute;',
				'&#0;',
				'&#x1B;',
				'&#xD83D;&#xDE00;',
				'&#xDE00;',
				'&#x110000;',
				'&#xFFFF;',
			]) {
				expectSame(`<a b="${text}">${text}</a>`);
			}
		});

		it('holds the limits', () => {
			for (const xml of [
				'<a/>'.repeat(2),
				`<a>${'<a/>'.repeat(20)}</a>`,
				'<a>'.repeat(6) + '</a>'.repeat(6),
				`<a ${'hasOwnProperty="" '.repeat(4)}/>`,
				'<a b="1"><b c="2" b="3"/></a>',
				'<!DOCTYPE a><a/>',
				'<?x ??><a/>',
			]) {
				expectSame(xml, LIMITS);
			}
		});

		it('reads the test suite of the W3C as on the newest', () => {
			for (const { xml } of suiteDocuments()) expectSame(xml);
		});

		it('reads any document that needs no repair as on the newest', () => {
			const sound = xmlDocument.filter((xml) => repairMarkup(xml) === xml);
			fc.assert(
				fc.property(sound, (xml) => expectSame(xml)),
				{ numRuns: 1000 },
			);
		});
	});
}
