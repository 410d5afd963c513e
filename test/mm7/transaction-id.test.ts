import { expect } from 'chai';
import { salvageTransactionId } from '../../lib/mm7/transaction-id.js';

const ID = '<TransactionID>1</TransactionID>';

describe('salvageTransactionId', () => {
	it('finds the element, with any prefix and attributes, and undoes references', () => {
		expect(salvageTransactionId(`<a><b></a>${ID}`)).to.equal('1');
		expect(salvageTransactionId('<m:transactionid a="b" > x&amp;y&#1; </m:TransactionID>')).to.equal('x&y\ufffd');
	});

	it('finds none in a comment, CDATA or an instruction, whether it ends or not', () => {
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

	it('takes no more than an id', () => {
		expect(salvageTransactionId('<TransactionID>1')).to.equal(undefined);
		expect(salvageTransactionId('<TransactionIDs>1<')).to.equal(undefined);
		expect(salvageTransactionId(`<TransactionID>${'1'.repeat(1025)}<`)).to.equal(undefined);
	});
});
