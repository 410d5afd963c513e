import { expect } from 'chai';
import { Slots } from '../../../lib/provider/simulator/slots.js';

describe('Slots', () => {
	it('gives no more than there are, in the order in which they are asked for', async () => {
		const slots = new Slots(2);
		const got: string[] = [];
		const ask = async (name: string) => {
			await slots.acquire();
			got.push(name);
		};
		const asked = [ask('a'), ask('b'), ask('c'), ask('d')];
		await Promise.all(asked.slice(0, 2));
		expect(got).to.deep.equal(['a', 'b']);
		slots.release();
		await asked[2];
		expect(got).to.deep.equal(['a', 'b', 'c']);
		slots.release();
		await asked[3];
		expect(got).to.deep.equal(['a', 'b', 'c', 'd']);
	});
});
