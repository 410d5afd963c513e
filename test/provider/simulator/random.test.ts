import { expect } from 'chai';
import { randomNumbers } from '../../../lib/provider/simulator/random.js';

function first(count: number, ...seeds: number[]): number[] {
	return Array.from({ length: count }, randomNumbers(...seeds));
}

describe('randomNumbers', () => {
	it('gives the same numbers for the same seeds', () => {
		expect(first(5, 1, 2)).to.deep.equal(first(5, 1, 2));
	});

	it('gives other numbers for other seeds, in any place', () => {
		const firsts = [first(1, 1, 2), first(1, 2, 1), first(1, 1), first(1, 1, 3), first(1, 0, 2)].flat();
		expect(new Set(firsts).size).to.equal(firsts.length);
	});

	it('gives numbers from 0 to 1, spread evenly', () => {
		const numbers = first(10_000, 42);
		for (let tenth = 0; tenth < 10; tenth++) {
			expect(numbers.filter((number) => Math.floor(number * 10) === tenth)).to.have.length.within(900, 1100);
		}
	});

	it('gives first numbers that are spread evenly over neighbouring seeds', () => {
		const below = Array.from({ length: 10_000 }, (_, index) => first(1, 7, index)[0] as number);
		expect(below.filter((number) => number < 0.05)).to.have.length.within(400, 600);
	});
});
