import { expect } from 'chai';
import { searchKey, searchKeyOf } from '../../lib/store/search-key.js';

describe('searchKey', () => {
	it('is the same for one number in all its spellings', () => {
		const spellings = ['12015550123', '+12015550123', '+1 (201) 555-0123', '1.201.555.0123'];
		expect(new Set(spellings.map(searchKeyOf))).to.deep.equal(new Set(['12015550123']));
	});

	it('takes the number out of an address', () => {
		const address = '+12015550123/TYPE=PLMN@mms.example.net';
		expect(searchKey({ kind: 'RFC2822Address', address, number: '+12015550123' })).to.equal('12015550123');
	});

	it('is the text in lower case where there is no number, and never too long for an index', () => {
		expect(searchKey({ kind: 'RFC2822Address', address: 'Joe@Example.net' })).to.equal('joe@example.net');
		expect(searchKey({ kind: 'Text', address: 'x'.repeat(100_000) })).to.have.lengthOf(200);
	});
});
