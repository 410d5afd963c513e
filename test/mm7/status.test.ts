import { expect } from 'chai';
import { isAcceptance, isMm7Status, RETRY, textOf } from '../../lib/mm7/status.js';

describe('the status codes', () => {
	for (const [code, text] of [
		[1000, 'Success'],
		[1100, 'Partial success'],
		[2005, 'Message ID not found'],
		[2007, 'Message format corrupt'],
		[3000, 'Server error'],
		[4004, 'Validation error'],
		[4005, 'Service error'],
		[RETRY, 'Service unavailable'],
		[1500, 'Success'],
		[2550, 'Client error'],
		[4999, 'General service error'],
		[7103, 'Server error'],
	] as const) {
		it(`have the text of the standard or of their class: ${code}`, () => {
			expect(textOf({ statusCode: code })).to.equal(text);
		});
	}

	it('are whole numbers of four digits', () => {
		for (const code of [1000, 4006, 9999]) expect(isMm7Status({ statusCode: code })).to.equal(true);
		for (const code of [999, 10000, 1000.5, '1000', undefined, Number.NaN])
			expect(isMm7Status({ statusCode: code })).to.equal(false);
	});

	it('accept a report only in class 1', () => {
		expect(isAcceptance(1000)).to.equal(true);
		expect(isAcceptance(1100)).to.equal(true);
		expect(isAcceptance(2000)).to.equal(false);
		expect(isAcceptance(999)).to.equal(false);
	});
});
