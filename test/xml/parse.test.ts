import { expect } from 'chai';
import { parseXml } from '../../lib/xml/parse.js';
import { codeOf, LIMITS } from '../support/xml.js';

describe('parseXml', () => {
	it('takes what looks like a declaration for text inside CDATA, and passes over it in a comment', () => {
		const xml = '<a><!-- <!x> --><b><![CDATA[<!x> <!doctype html>]]></b></a>';
		expect(parseXml(xml, LIMITS).children[0]?.text).to.equal('<!x> <!doctype html>');
	});

	it('refuses a declaration outside a DTD', () => {
		expect(codeOf('<a><!ENTITY b "c"></a>')).to.equal('ERR_MM7_XML');
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
	});

	it('refuses a document type, but not the mention of one', () => {
		expect(codeOf('<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>')).to.equal('ERR_MM7_DOCTYPE');
		expect(codeOf('<!-- <!DOCTYPE r> --><r><![CDATA[<!DOCTYPE r>]]></r>')).to.equal(undefined);
	});
});
