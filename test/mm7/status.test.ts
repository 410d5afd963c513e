import { expect } from 'chai';
import { isAcceptance, isStatusCode, RETRY, statusTextOf } from '../../lib/mm7/status.js';

describe('the status codes', () => {
	it('have the texts of the standard', () => {
		expect(statusTextOf(1000)).to.equal('Success');
		expect(statusTextOf(2005)).to.equal('Message ID not found');
		expect(statusTextOf(2007)).to.equal('Message format corrupt');
		expect(statusTextOf(4004)).to.equal('Validation error');
		expect(statusTextOf(RETRY)).to.equal('Service unavailable');
	});

	it('have the text of their class where they are in no table, and that of 3000 outside the classes', () => {
		expect(statusTextOf(1500)).to.equal('Success');
		expect(statusTextOf(2550)).to.equal('Client error');
		expect(statusTextOf(4999)).to.equal('General service error');
		expect(statusTextOf(7103)).to.equal('Server error');
	});

	it('are whole numbers of four digits', () => {
		for (const code of [1000, 4006, 9999]) expect(isStatusCode(code)).to.equal(true);
		for (const code of [999, 10000, 1000.5, '1000', undefined, Number.NaN]) expect(isStatusCode(code)).to.equal(false);
	});

	it('accept in class 1 only', () => {
		expect(isAcceptance(1000)).to.equal(true);
		expect(isAcceptance(1100)).to.equal(true);
		expect(isAcceptance(2000)).to.equal(false);
		expect(isAcceptance(999)).to.equal(false);
	});
});
