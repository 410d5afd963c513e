import { expect } from 'chai';
import fc from 'fast-check';
import { classifyMmStatus, type DeliveryState } from '../lib/mm7/mm-status.js';
import { certaintyOf, type RankedReport, supersedes } from '../lib/supersedes.js';

/** What decides of a report: its MMStatus as sent, and the minutes of its date and of its arrival. */
function ranked(mmStatus: string, date: number | undefined, receivedAt: number): RankedReport {
	const at = (minute: number) => new Date(Date.UTC(2026, 2, 16, 14, minute));
	return { ...classifyMmStatus(mmStatus), date: date === undefined ? undefined : at(date), receivedAt: at(receivedAt) };
}

const RETRIEVED = 'Retrieved';
const EXPIRED = 'Expired';
const INDETERMINATE = 'Indeterminate';
const FORWARDED = 'Forwarded';
const DEFERRED = 'Deferred';

/** Any report; few different dates, so that they often tie. */
const anyReport = fc
	.tuple(
		fc.constantFrom(RETRIEVED, EXPIRED, INDETERMINATE, FORWARDED, DEFERRED, 'never heard of'),
		fc.option(fc.nat(3), { nil: undefined }),
		fc.nat(3),
	)
	.map((fields) => ranked(...fields));

/** Keeps a report as an application does: in order of arrival, the new one only where it supersedes the kept one. */
function keep(reports: readonly RankedReport[]): RankedReport | undefined {
	return reports.reduce<RankedReport | undefined>(
		(kept, report) => (kept === undefined || supersedes(report, kept) ? report : kept),
		undefined,
	);
}

const same = (one: RankedReport, other: RankedReport) => !supersedes(one, other) && !supersedes(other, one);

describe('supersedes', () => {
	const CASES: readonly (readonly [title: string, winner: RankedReport, loser: RankedReport])[] = [
		['a final report, one that announces another, even a later one', ranked(RETRIEVED, 1, 1), ranked(FORWARDED, 9, 9)],
		['a known end, one that the operator will never know', ranked(EXPIRED, 1, 1), ranked(INDETERMINATE, 9, 9)],
		['an unknown end, what announces another', ranked(INDETERMINATE, 1, 1), ranked(DEFERRED, 9, 9)],
		['the later date, where both are as certain', ranked(RETRIEVED, 2, 1), ranked(EXPIRED, 1, 2)],
		['the later date of two that announce another', ranked(DEFERRED, 2, 1), ranked(FORWARDED, 1, 2)],
		['the later arrival, where the dates are the same, as at Sinch', ranked(EXPIRED, 1, 3), ranked(RETRIEVED, 1, 2)],
		['the later arrival, where there is no date', ranked(EXPIRED, undefined, 3), ranked(RETRIEVED, undefined, 2)],
		['by its arrival, the date of another', ranked(EXPIRED, undefined, 3), ranked(RETRIEVED, 2, 9)],
		['by its date, the arrival of another', ranked(EXPIRED, 3, 1), ranked(RETRIEVED, undefined, 2)],
	];
	for (const [title, winner, loser] of CASES) {
		it(`takes before the other: ${title}`, () => {
			expect(supersedes(winner, loser)).to.equal(true);
			expect(supersedes(loser, winner)).to.equal(false);
		});
	}

	it('decides nothing between copies, nor between what differs in nothing that decides', () => {
		const report = ranked(RETRIEVED, 1, 2);
		expect(supersedes(report, report)).to.equal(false);
		expect(same(report, ranked(RETRIEVED, 1, 2))).to.equal(true);
		expect(same(report, ranked(EXPIRED, 1, 2))).to.equal(true);
		// without a date, the arrival stands for it
		expect(same(ranked(RETRIEVED, undefined, 2), ranked(RETRIEVED, 2, 2))).to.equal(true);
	});

	it('is an order: never both ways, and what wins over a winner wins over its loser', () => {
		fc.assert(
			fc.property(anyReport, anyReport, anyReport, (one, two, three) => {
				expect(supersedes(one, two) && supersedes(two, one)).to.equal(false);
				if (supersedes(one, two) && supersedes(two, three)) expect(supersedes(one, three)).to.equal(true);
				if (same(one, two) && same(two, three)) expect(same(one, three)).to.equal(true);
			}),
			{ numRuns: 2000 },
		);
	});

	it('keeps the same, whichever way reports arrive and however often', () => {
		const arrivals = fc.array(anyReport, { minLength: 1, maxLength: 6 }).chain((reports) =>
			fc.tuple(
				fc.constant(reports),
				fc
					.array(fc.constantFrom(...reports), { maxLength: 4 })
					.chain((copies) =>
						fc.shuffledSubarray([...reports, ...copies], { minLength: reports.length + copies.length }),
					),
			),
		);
		fc.assert(
			fc.property(arrivals, ([inOrder, anyOrder]) => {
				const one = keep(inOrder) as RankedReport;
				const other = keep(anyOrder) as RankedReport;
				expect(same(one, other)).to.equal(true);
				for (const report of inOrder) expect(supersedes(report, one)).to.equal(false);
			}),
			{ numRuns: 1000 },
		);
	});
});

describe('certaintyOf', () => {
	const CERTAINTIES: readonly (readonly [mmStatus: string, state: DeliveryState, certainty: number])[] = [
		[RETRIEVED, 'delivered', 2],
		[EXPIRED, 'failed', 2],
		[INDETERMINATE, 'unknown', 1],
		[FORWARDED, 'pending', 0],
		['never heard of', 'unknown', 0],
	];
	for (const [mmStatus, state, certainty] of CERTAINTIES) {
		it(`is ${certainty} for ${mmStatus} (${state})`, () => {
			const report = ranked(mmStatus, 1, 1);
			expect(report.state).to.equal(state);
			expect(certaintyOf(report)).to.equal(certainty);
		});
	}

	it('sorts as supersedes decides, with the date and the arrival behind it', () => {
		const key = (report: RankedReport) => [
			certaintyOf(report),
			(report.date ?? report.receivedAt).getTime(),
			report.receivedAt.getTime(),
		];
		fc.assert(
			fc.property(anyReport, anyReport, (one, other) => {
				const [left, right] = [key(one), key(other)];
				const different = left.findIndex((value, index) => value !== right[index]);
				const greater = different !== -1 && (left[different] as number) > (right[different] as number);
				expect(supersedes(one, other)).to.equal(greater);
			}),
			{ numRuns: 1000 },
		);
	});
});
