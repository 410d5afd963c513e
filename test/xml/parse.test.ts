import { expect } from 'chai';
import { Mm7Error } from '../../lib/errors.js';
import { parseXml } from '../../lib/xml/parse.js';
import { codeOf, LIMITS } from '../support/xml.js';

describe('parseXml', () => {
	it('rejects a <! that starts nothing, wherever it is', () => {
		for (const xml of ['<a><!ENTITY b "c"></a>', '<a>< !x></a>', '<a><!-- <!x --></a>', '<a><![CDATA[<!x]]></a>']) {
			expect(codeOf(xml), xml).to.equal('ERR_MM7_XML');
		}
	});

	it('normalizes line ends to line feeds, and keeps white space in attributes as sent', () => {
		const root = parseXml('<a b="1\r\n2\r3\t&#9;">1\r\n2\r3&#13;<![CDATA[\r\n]]></a>', LIMITS);
		expect(root.text).to.equal('1\n2\n3\r\n');
		expect(root.attributes.get('b')).to.equal('1\n2\n3\t\t');
	});

	it('rejects an instruction that ends in "??>", which the parser would not recognize as its end', () => {
		const id = (text: string, before: string) => `${before}<TransactionID>${text}</TransactionID>`;
		expect(codeOf(`<a>${id('A', '<?x ??>')}${id('B', '<?y ?>')}</a>`)).to.equal('ERR_MM7_XML');
		expect(codeOf('<?x ??><a/>')).to.equal('ERR_MM7_XML');
		expect(codeOf('<?x ? ?><?y?><a/>')).to.equal(undefined);
	});

	it('rejects XML 1.1, whose line ends and characters differ', () => {
		for (const declaration of ['<?xml version="1.1"?>', "<?xml\tversion = '1.1' encoding='utf-8'?>"]) {
			expect(() => parseXml(`${declaration}<a/>`, LIMITS)).to.throw(Mm7Error, 'XML 1.1 is not supported');
		}
		for (const declaration of ['<?xml version="1.0"?>', '<?xml version="1.2"?>', '<?xml?>', '<?x version="1.1"?>']) {
			expect(codeOf(`${declaration}<a/>`), declaration).to.equal(undefined);
		}
	});

	it("reports the parser's reason, and the line counted from 1", () => {
		for (const [xml, detail] of [
			['<a></b>', 'Unexpected close tag, line 1'],
			['<a>\r\n<b>\r\n</a>', 'Unexpected close tag, line 3'],
			['<a>\r<b c=1/></a>', 'Unquoted attribute value, line 2'],
			['<a>\n\n', 'Unclosed root tag, line 3'],
			['<a>&\n</b>', 'Unexpected close tag, line 2'],
		] as const) {
			expect(() => parseXml(xml, LIMITS))
				.to.throw(Mm7Error)
				.with.property('detail', detail);
		}
	});

	it('rejects content outside the root element, and a missing root element', () => {
		for (const xml of ['', '<!-- only -->', '<![CDATA[<r/>]]>', '</r>', '<r/><r/>', '<r/>text', 'text<r/>', '<1/>']) {
			expect(codeOf(xml), xml).to.equal('ERR_MM7_XML');
		}
	});

	it('rejects names over 1,024 characters, but not long texts', () => {
		expect(codeOf(`<r>${'a'.repeat(2000)}</r>`)).to.equal(undefined);
		expect(codeOf(`<r><![CDATA[${'a'.repeat(2000)}]]></r>`)).to.equal(undefined);
		expect(codeOf(`<r><${'a'.repeat(1024)}/></r>`)).to.equal(undefined);
		expect(codeOf(`<r><${'a'.repeat(1025)}/></r>`)).to.equal('ERR_MM7_XML');
	});

	it('rejects a document type, but not text that mentions one', () => {
		expect(codeOf('<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>')).to.equal('ERR_MM7_DOCTYPE');
		expect(codeOf('<!-- <!DOCTYPE r> --><r><![CDATA[<!DOCTYPE r>]]></r>')).to.equal(undefined);
	});
});
