import { expect } from 'chai';
import { parseXml } from '../../lib/xml/parse.js';
import { codeOf, LIMITS } from '../support/xml.js';

describe('parseXml', () => {
	it('refuses a <! that opens nothing, wherever it stands', () => {
		for (const xml of ['<a><!ENTITY b "c"></a>', '<a>< !x></a>', '<a><!-- <!x --></a>', '<a><![CDATA[<!x]]></a>']) {
			expect(codeOf(xml), xml).to.equal('ERR_MM7_XML');
		}
	});

	it('ends lines in line feeds, however they were sent', () => {
		const root = parseXml('<a b="1\r\n2\r3">1\r\n2\r3&#13;<![CDATA[\r\n]]></a>', LIMITS);
		expect(root.text).to.equal('1\n2\n3\r\n');
		expect(root.attributes.get('b')).to.equal('1 2 3');
	});

	it('makes blanks of tabs and line feeds in attributes, unless they were written as references', () => {
		const root = parseXml(`<a b="1\t2&#9;3\n4&#x00A;5&#010;6" c='"\t"' d = "\n"/>`, LIMITS);
		expect([...root.attributes.values()]).to.deep.equal(['1 2\t3 4\n5\n6', '" "', ' ']);
	});

	it('does so in values of any length, and leaves all other characters', () => {
		const others = '\u{1f600}\ud83d\u0a09\u090a';
		for (const length of [0, 99, 100, 101, 1000]) {
			const written = `\t${others}&#9;${'x\n'.repeat(length)}&#x1F600;\t`;
			const value = ` ${others}\t${'x '.repeat(length)}\u{1f600} `;
			expect(parseXml(`<a b="${written}"/>`, LIMITS).attributes.get('b')).to.equal(value);
		}
	});

	it('refuses an instruction that ends in "??>", behind which it would read on', () => {
		const id = (text: string, before: string) => `${before}<TransactionID>${text}</TransactionID>`;
		expect(codeOf(`<a>${id('A', '<?x ??>')}${id('B', '<?y ?>')}</a>`)).to.equal('ERR_MM7_XML');
		expect(codeOf('<?x ??><a/>')).to.equal('ERR_MM7_XML');
		expect(codeOf('<?x ? ?><?y?><a/>')).to.equal(undefined);
	});

	it('calls a document type with declarations inside a document type', () => {
		expect(codeOf('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')).to.equal('ERR_MM7_DOCTYPE');
	});

	it('repairs what is not well-formed for an unescaped character only', () => {
		expect(parseXml('<r>5 < 6 & 7</r>', LIMITS).text).to.equal('5 < 6 & 7');
	});

	it('refuses what is not well-formed', () => {
		for (const xml of [
			'<r>',
			'<r></s>',
			'</r>',
			'<r><a></r></a>',
			'<r/><r/>',
			'<r/>text',
			'text<r/>',
			'<r a=1/>',
			'<r a/>',
			'',
			'<!-- only -->',
			'<![CDATA[<r/>]]>',
			'<r><![CDATA[</r>',
			'<r><!-- </r>',
			'<1/>',
		]) {
			expect(codeOf(xml), xml).to.equal('ERR_MM7_XML');
		}
	});

	it('is as new after a refused document', () => {
		for (let i = 0; i < 3; i++) {
			expect(codeOf('<r><a><b>')).to.equal('ERR_MM7_XML');
			expect(parseXml('<r><a>t</a></r>', LIMITS).children[0]?.text).to.equal('t');
		}
	});

	it('refuses endless names, but not long texts', () => {
		expect(codeOf(`<${'a'.repeat(2000)}/>`)).to.equal('ERR_MM7_XML');
		expect(codeOf(`<r>${'a'.repeat(2000)}</r>`)).to.equal(undefined);
		expect(codeOf(`<r><![CDATA[${'a'.repeat(2000)}]]></r>`)).to.equal(undefined);
		expect(codeOf(`<r><${'a'.repeat(1024)}/></r>`)).to.equal(undefined);
		expect(codeOf(`<r><${'a'.repeat(1025)}/></r>`)).to.equal('ERR_MM7_XML');
	});

	it('refuses a document type, but not the mention of one', () => {
		expect(codeOf('<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>')).to.equal('ERR_MM7_DOCTYPE');
		expect(codeOf('<!-- <!DOCTYPE r> --><r><![CDATA[<!DOCTYPE r>]]></r>')).to.equal(undefined);
	});
});
