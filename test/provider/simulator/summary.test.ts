import { expect } from 'chai';
import { type Attempt, percentile, type Summary, Tally } from '../../../lib/provider/simulator/summary.js';
import { table } from '../../../lib/provider/simulator/table.js';

const ACCEPTED: Attempt = { verdict: 'accepted', reason: undefined, latency: 10 };
const FAILED: Attempt = { verdict: 'retry', reason: 'HTTP 500', latency: 30 };
const WITHOUT_RESPONSE: Attempt = { verdict: 'retry', reason: 'connection cut', latency: undefined };

describe('percentile', () => {
	const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
	for (const [values, percent, expected] of [
		[hundred, 50, 50],
		[hundred, 99, 99],
		[[1, 2, 3], 50, 2],
		[[1, 2, 3], 99, 3],
		[[7], 50, 7],
		[[], 50, null],
	] as const) {
		it(`${percent} of ${values.length} values is ${expected}`, () => {
			expect(percentile(values, percent)).to.equal(expected);
		});
	}
});

describe('Tally', () => {
	it('counts reports by how they ended, and copies separately', () => {
		const tally = new Tally();
		for (const [attempt, copy] of [
			[FAILED, 'first'],
			[WITHOUT_RESPONSE, 'retry'],
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
			silent: 0,
			registered: 0,
			notRegistered: 0,
			reports: 3,
			readReplies: 1,
			accepted: 1,
			rejected: 0,
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

	it('limits the number of reasons', () => {
		const tally = new Tally();
		for (let i = 0; i < 60; i++) tally.sent({ ...FAILED, reason: `page ${i}` }, 'first');
		const { reasons } = tally.summary({ seed: 1, interrupted: false });
		expect(Object.keys(reasons)).to.have.length(51);
		expect(reasons).to.include({ 'page 0': 1, 'other reasons': 10 });
	});
});

describe('table', () => {
	const SUMMARY: Summary = {
		messages: 100,
		silent: 0,
		registered: 0,
		notRegistered: 0,
		reports: 200,
		readReplies: 0,
		accepted: 197,
		rejected: 2,
		lost: 1,
		unfinished: 0,
		retried: 6,
		duplicates: 9,
		duplicatesNotAccepted: 0,
		latency: { p50: 1.26, p99: null },
		duration: 1234.5678,
		reasons: { 'connection cut': 1, 'HTTP 500': 5 },
		interrupted: false,
		seed: 7,
	};

	it('shows every count, and the reasons by frequency', () => {
		expect(table(SUMMARY).replace(/ {2,}/g, ' ')).to.equal(`messages 100
reports sent 200
accepted 197
rejected 2
lost 1
retried 6
duplicates sent 9
latency p50 1.3 ms
latency p99 -
duration 1234.6 ms
seed 7

not accepted because of
5 x HTTP 500
1 x connection cut
`);
	});

	it('shows registrations, read replies, unfinished reports and rejected copies only if there are any', () => {
		const rare = {
			silent: 2,
			registered: 97,
			notRegistered: 3,
			readReplies: 30,
			unfinished: 3,
			duplicatesNotAccepted: 4,
		};
		const printed = table({ ...SUMMARY, ...rare, interrupted: true });
		expect(printed).to.match(/^ {2}silent +2$/m);
		expect(printed).to.match(/^registered +97$/m);
		expect(printed).to.match(/^not registered +3$/m);
		expect(printed).to.match(/^ {2}read replies +30$/m);
		expect(printed).to.match(/^unfinished +3$/m);
		expect(printed).to.match(/^ {2}not accepted +4$/m);
		expect(table({ ...SUMMARY, reasons: {} })).not.to.include('because');
	});
});
