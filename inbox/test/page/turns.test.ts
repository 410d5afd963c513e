import { expect } from 'chai';
import { ownTurn } from '../../lib/page/turns.js';

const PAGE_MS = 30;

describe('ownTurn', () => {
	it('renders one page at a time, and pauses after each for as long as it took', async () => {
		const begins: number[] = [];
		const ends: number[] = [];
		async function makePage(): Promise<void> {
			await ownTurn();
			begins.push(performance.now());
			while (performance.now() < (begins.at(-1) ?? 0) + PAGE_MS);
			ends.push(performance.now());
		}
		await Promise.all([makePage(), makePage(), makePage()]);
		// timers are accurate to a millisecond
		for (const index of [1, 2]) expect(begins[index]).to.be.at.least((ends[index - 1] ?? 0) + PAGE_MS - 2);
	});
});
