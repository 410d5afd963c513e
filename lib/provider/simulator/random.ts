/**
 * Makes a source of numbers from 0 to 1, the same ones for the same seeds (mulberry32). Not for secrets.
 *
 * @param seeds - whole numbers; each counts
 */
export function randomNumbers(...seeds: readonly number[]): () => number {
	let state = seeds.reduce((mixed, seed) => Math.imul(mixed ^ seed, 0x9e3779b1) ^ (mixed >>> 15), 0x5bd1e995);
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
