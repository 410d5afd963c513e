import { expect } from 'chai';
import { delayAfter } from '../../lib/forward/schedule.js';

const HOUR_SECONDS = 3600;

describe('the delay before a retry', () => {
	/** Without jitter. */
	const delay = (failed: number, retryAfter?: string) => delayAfter(failed, retryAfter, 0.5);

	it('grows to six hours, which are repeated for three days', () => {
		const delays = Array.from({ length: 18 }, (_, index) => delay(index + 1));
		const long = Array.from({ length: 12 }, () => 6 * HOUR_SECONDS);
		expect(delays).to.deep.equal([5, 60, 300, 1800, 2 * HOUR_SECONDS, ...long, undefined]);
	});

	it('varies by a tenth', () => {
		expect([delayAfter(1, undefined, 0), delayAfter(1, undefined, 1)]).to.deep.equal([4.5, 5.5]);
	});

	it('is as long as Retry-After says, in seconds or as a date, but never shorter and at most a day', () => {
		expect(delay(1, '100')).to.be.closeTo(105, 0.001);
		expect(delay(1, new Date(Date.now() + 100_000).toUTCString())).to.be.closeTo(105, 2);
		expect(delay(2, '1')).to.equal(60);
		expect(delay(1, '999999999')).to.be.closeTo(24 * HOUR_SECONDS * 1.05, 0.001);
		for (const invalid of ['soon', '-1', '1.5', '']) expect(delay(1, invalid), invalid).to.be.below(6);
	});
});
