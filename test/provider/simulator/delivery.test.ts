import { expect } from 'chai';
import { type Attempt, deliver } from '../../../lib/provider/simulator/delivery.js';

const RULE = { retries: 5, retryAfter: 300_000 };

/** Delivers a report whose tries come to these verdicts; the last one repeats. */
async function delivery(...verdicts: Attempt['verdict'][]) {
	const pauses: number[] = [];
	let tries = 0;
	const end = await deliver(
		async () => ({ verdict: verdicts[Math.min(tries++, verdicts.length - 1)] ?? 'again', reason: '', latency: 1 }),
		async (milliseconds) => void pauses.push(milliseconds),
		RULE,
	);
	return { end, tries, pauses };
}

describe('deliver', () => {
	it('stops when the report is accepted', async () => {
		expect(await delivery('accepted')).to.deep.equal({ end: 'accepted', tries: 1, pauses: [] });
	});

	it('stops when the report is refused for good', async () => {
		expect(await delivery('refused')).to.deep.equal({ end: 'refused', tries: 1, pauses: [] });
	});

	it('waits before each retry', async () => {
		expect(await delivery('again', 'again', 'accepted')).to.deep.equal({
			end: 'accepted',
			tries: 3,
			pauses: [300_000, 300_000],
		});
	});

	it('accepts on the last of six tries', async () => {
		expect(await delivery('again', 'again', 'again', 'again', 'again', 'accepted')).to.include({
			end: 'accepted',
			tries: 6,
		});
	});

	it('gives the report up after six tries, without waiting once more', async () => {
		expect(await delivery('again')).to.deep.equal({ end: 'lost', tries: 6, pauses: new Array(5).fill(300_000) });
	});
});
