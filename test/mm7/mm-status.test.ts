import { expect } from 'chai';
import { classifyMmStatus, type DeliveryState } from '../../lib/mm7/mm-status.js';

const WORDS: [word: string, state: DeliveryState, final: boolean][] = [
	['Retrieved', 'delivered', true],
	['Delivered', 'delivered', true],
	['Expired', 'failed', true],
	['Rejected', 'failed', true],
	['System Rejected', 'failed', true],
	['Recipient Rejected', 'failed', true],
	['Unrecognised', 'failed', true],
	['Unrecognized', 'failed', true],
	['Unreachable', 'failed', true],
	['NotSupported', 'failed', true],
	['DeliveryConditionNotMet', 'failed', true],
	['Cancelled', 'failed', true],
	['Canceled', 'failed', true],
	['Replaced', 'failed', true],
	['Deferred', 'pending', false],
	['Forwarded', 'pending', false],
	['Processing', 'pending', false],
	['Sent', 'pending', false],
	['Indeterminate', 'unknown', true],
	['Third:User Retrieved', 'unknown', false],
	['Second:mmssc Retrieved', 'unknown', false],
	['1000', 'unknown', false],
	['constructor', 'unknown', false],
	['', 'unknown', false],
];

describe('classifyMmStatus', () => {
	for (const [word, state, final] of WORDS) {
		it(`treats "${word}" as ${state}, ${final ? 'final' : 'with another report to follow'}`, () => {
			expect(classifyMmStatus(word)).to.deep.equal({ state, final });
		});
	}

	it('ignores case, blanks, hyphens and underscores', () => {
		for (const spelling of [
			'deliveryconditionnotmet',
			'DELIVERY CONDITION NOT MET',
			'delivery_condition_not_met',
			'Delivery-Condition-Not-Met',
			' Delivery\tCondition\nNotMet ',
		]) {
			expect(classifyMmStatus(spelling), spelling).to.deep.equal({ state: 'failed', final: true });
		}
		expect(classifyMmStatus('RETRIEVED').state).to.equal('delivered');
		expect(classifyMmStatus('not_supported').state).to.equal('failed');
	});
});
