import { expect } from 'chai';
import { salvage } from '../../lib/mm7/salvage.js';

const salvageTransactionId = (xml: string) => salvage(xml).transactionId;

const ID = '<TransactionID>1</TransactionID>';

describe('salvage', () => {
	it('finds the element with any prefix and attributes, and resolves references', () => {
		expect(salvageTransactionId(`<a><b></a>${ID}`)).to.equal('1');
		expect(salvageTransactionId('<m:transactionid a="b" > x&amp;y&#1; </m:TransactionID>')).to.equal('x&y\ufffd');
	});

	it('ignores comments, CDATA and instructions, even unclosed ones', () => {
		for (const [open, close] of [
			['<!--', '-->'],
			['<![CDATA[', ']]>'],
			['<![cdata[', ']]>'],
			['<?x ', '?>'],
		]) {
			expect(salvageTransactionId(`<a>${open}${ID}${close}`), open).to.equal(undefined);
			expect(salvageTransactionId(`<a>${open}${ID.replace('1', '2')}${close}${ID}`), open).to.equal('1');
			expect(salvageTransactionId(`<a>${open}${ID}`), open).to.equal(undefined);
		}
		expect(salvageTransactionId(`<a><!x ${ID}`)).to.equal('1');
	});

	it('ignores an unclosed element, a longer name and an overlong id', () => {
		expect(salvageTransactionId('<TransactionID>1')).to.equal(undefined);
		expect(salvageTransactionId('<TransactionIDs>1<')).to.equal(undefined);
		expect(salvageTransactionId(`<TransactionID>${'1'.repeat(1025)}<`)).to.equal(undefined);
	});

	it('finds the SOAP version and the namespace of MM7', () => {
		const mm7 = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2';
		const encoding = 'xmlns:c="http://schemas.xmlsoap.org/soap/encoding/"';
		const soap = (namespace: string) => `<e:Envelope ${encoding} xmlns:e='${namespace}' xmlns="${mm7}"><`;
		for (const [namespace, soapVersion] of [
			['http://www.w3.org/2003/05/soap-envelope', '1.2'],
			['http://schemas.xmlsoap.org/soap/envelope/', '1.1'],
			['http://schemas.xmlsoap.org/soap/soap-envelope', '1.1'],
			['urn:soap', undefined],
		] as const) {
			expect(salvage(soap(namespace))).to.include({ soapVersion, namespace: mm7 });
		}
		expect(salvage('<a>')).to.deep.equal({ transactionId: undefined, soapVersion: undefined, namespace: undefined });
	});
});
