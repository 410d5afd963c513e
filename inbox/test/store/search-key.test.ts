import { expect } from 'chai';
import { searchKey, searchKeyOf } from '../../lib/store/search-key.js';

describe('searchKey', () => {
	it('is the same for every notation of a number', () => {
		const spellings = ['12015550123', '+12015550123', '+1 (201) 555-0123', '1.201.555.0123'];
		expect(new Set(spellings.map(searchKeyOf))).to.deep.equal(new Set(['12015550123']));
	});

	it('extracts the number from an address', () => {
		const address = '+12015550123/TYPE=PLMN@mms.example.net';
		expect(searchKey({ kind: 'RFC2822Address', address, number: '+12015550123' })).to.equal('12015550123');
	});

	it('is the lower-case text if there is no number, and fits an index', () => {
		expect(searchKey({ kind: 'RFC2822Address', address: 'Joe@Example.net' })).to.equal('joe@example.net');
		expect(searchKey({ kind: 'Text', address: 'x'.repeat(100_000) })).to.have.lengthOf(200);
	});
});
