import { expect } from 'chai';
import fc from 'fast-check';
import { classifyMmStatus, type DeliveryState } from '../lib/mm7/mm-status.js';
import { certaintyOf, type RankedReport, supersedes } from '../lib/supersedes.js';
import { anyArrivals, greatestOf } from './support/state-model.js';

/** @param minute - the minute of its date */
function ranked(mmStatus: string, minute?: number, transactionId = '1'): RankedReport {
	const date = minute === undefined ? undefined : new Date(Date.UTC(2026, 2, 16, 14, minute));
	return { ...classifyMmStatus(mmStatus), mmStatus, date, transactionId };
}

describe('supersedes', () => {
	const CASES: readonly (readonly [title: string, winner: RankedReport, loser: RankedReport])[] = [
		['delivered over failed, even with a later date', ranked('Retrieved', 1), ranked('Expired', 9)],
		['failed over Indeterminate, even with a later date', ranked('Expired', 1), ranked('Indeterminate', 9)],
		['Indeterminate over pending, even with a later date', ranked('Indeterminate', 1), ranked('Deferred', 9)],
		['the later date', ranked('Deferred', 2), ranked('Forwarded', 1)],
		['any date over none', ranked('Deferred', 1), ranked('Forwarded')],
		['the greater MMStatus if the dates are equal', ranked('Forwarded', 1), ranked('Deferred', 1)],
		['the spelling with the greater bytes', ranked('retrieved', 1), ranked('Retrieved', 1)],
		['the greater TransactionID if all else is equal', ranked('Expired', 1, '9'), ranked('Expired', 1, '10')],
		['the greater code point, not UTF-16 unit', ranked('Expired', 1, '\u{1F600}'), ranked('Expired', 1, '\uFF5E')],
	];
	for (const [title, winner, loser] of CASES) {
		it(`prefers ${title}`, () => {
			expect(supersedes(winner, loser)).to.equal(true);
			expect(supersedes(loser, winner)).to.equal(false);
		});
	}

	it('returns false for copies', () => {
		expect(supersedes(ranked('Retrieved', 1), ranked('Retrieved', 1))).to.equal(false);
		expect(supersedes(ranked('Retrieved'), ranked('Retrieved'))).to.equal(false);
	});

	it('accepts a database row, in which a missing date is null', () => {
		const row = { ...ranked('Retrieved'), date: null };
		expect(supersedes(ranked('Retrieved'), row)).to.equal(false);
		expect(supersedes(ranked('Retrieved', 1), row)).to.equal(true);
	});

	it('keeps the same report for any order of arrival and any copies', () => {
		fc.assert(
			fc.property(anyArrivals, ([reports, arrivals]) => {
				const kept = arrivals.reduce((best, report) => (supersedes(report, best) ? report : best));
				expect(kept).to.deep.equal(greatestOf(reports));
			}),
		);
	});
});

describe('certaintyOf', () => {
	const CERTAINTIES: readonly (readonly [mmStatus: string, state: DeliveryState, certainty: number])[] = [
		['Retrieved', 'delivered', 3],
		['Expired', 'failed', 2],
		['Indeterminate', 'unknown', 1],
		['Forwarded', 'pending', 0],
		['never heard of', 'unknown', 0],
	];
	for (const [mmStatus, state, certainty] of CERTAINTIES) {
		it(`is ${certainty} for ${mmStatus} (${state})`, () => {
			const report = ranked(mmStatus);
			expect(report.state).to.equal(state);
			expect(certaintyOf(report)).to.equal(certainty);
		});
	}
});
