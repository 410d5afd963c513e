import { expect } from 'chai';
import fc from 'fast-check';
import type { Attempt } from '../../../lib/provider/simulator/delivery.js';
import { percentile, Tally } from '../../../lib/provider/simulator/summary.js';

const ACCEPTED: Attempt = { verdict: 'accepted', reason: undefined, latency: 10 };
const FAILED: Attempt = { verdict: 'again', reason: 'HTTP 500', latency: 30 };
const UNANSWERED: Attempt = { verdict: 'again', reason: 'connection cut', latency: undefined };

describe('percentile', () => {
	it('is the value at the nearest rank', () => {
		const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
		expect(percentile(hundred, 50)).to.equal(50);
		expect(percentile(hundred, 99)).to.equal(99);
		expect(percentile([1, 2, 3], 50)).to.equal(2);
		expect(percentile([1, 2, 3], 99)).to.equal(3);
		expect(percentile([7], 50)).to.equal(7);
		expect(percentile([], 50)).to.equal(null);
	});

	it('has at least that share of the values at or below it, and less below', () => {
		const values = fc.array(fc.double({ noNaN: true }), { minLength: 1 });
		const property = fc.property(values, fc.integer({ min: 1, max: 100 }), (list, percent) => {
			const sorted = list.toSorted((one, other) => one - other);
			const found = percentile(sorted, percent) as number;
			expect(sorted.filter((value) => value <= found).length).to.be.at.least((percent / 100) * sorted.length - 1e-9);
			expect(sorted.filter((value) => value < found).length).to.be.below((percent / 100) * sorted.length + 1e-9);
		});
		fc.assert(property, { numRuns: 200 });
	});
});

describe('Tally', () => {
	it('counts reports by their ends, and their copies apart', () => {
		const tally = new Tally();
		for (const [attempt, copy] of [
			[FAILED, 'first'],
			[UNANSWERED, 'retry'],
			[ACCEPTED, 'retry'],
			[ACCEPTED, 'duplicate'],
			[FAILED, 'duplicate'],
			[FAILED, 'first'],
		] as const) {
			tally.sending(copy);
			tally.sent(attempt, copy);
		}
		tally.ended('accepted');
		tally.sending('first', true);
		tally.sending('retry', true);
		tally.finishedMessage();

		const { duration, ...counted } = tally.summary({ seed: 7, interrupted: true });
		expect(duration).to.be.above(0);
		expect(counted).to.deep.equal({
			messages: 1,
			reports: 3,
			readReplies: 1,
			accepted: 1,
			refused: 0,
			lost: 0,
			unfinished: 2,
			retried: 3,
			duplicates: 2,
			duplicatesNotAccepted: 1,
			latency: { p50: 30, p99: 30 },
			reasons: { 'HTTP 500': 3, 'connection cut': 1 },
			interrupted: true,
			seed: 7,
		});
	});

	it('keeps a bounded number of reasons', () => {
		const tally = new Tally();
		for (let i = 0; i < 60; i++) tally.sent({ ...FAILED, reason: `page ${i}` }, 'first');
		const { reasons } = tally.summary({ seed: 1, interrupted: false });
		expect(Object.keys(reasons)).to.have.length(51);
		expect(reasons).to.include({ 'page 0': 1, 'other reasons': 10 });
	});
});
