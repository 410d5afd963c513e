import { expect } from 'chai';
import { GroupCommit } from '../../lib/store/group-commit.js';

const LIMITS = { items: 3, size: 100, sizeOf: (item: string) => item.length };

describe('GroupCommit', () => {
	/** A group whose writes return the items in upper case once released. */
	function make() {
		const groups: string[][] = [];
		const letGo: (() => void)[] = [];
		const group = new GroupCommit<string, string>(
			async (items) => {
				groups.push([...items]);
				await new Promise<void>((resolve) => letGo.push(resolve));
				return items.map((item) => item.toUpperCase());
			},
			() => false,
			LIMITS,
		);
		/** Releases the writes one after another. */
		const writeAll = async (writes: number) => {
			for (let write = 0; write < writes; write++) {
				while (letGo.length === 0) await new Promise((resolve) => setImmediate(resolve));
				letGo.shift()?.();
			}
		};
		return { group, groups, writeAll };
	}

	it('writes items that arrive during a write in groups of limited number and size', async () => {
		const { group, groups, writeAll } = make();
		const first = group.add('a');
		await new Promise((resolve) => setImmediate(resolve));
		const long = 'x'.repeat(100);
		const others = ['b', 'c', 'd', long, 'e'].map((item) => group.add(item));
		await writeAll(4);
		expect(await Promise.all([first, ...others])).to.deep.equal(['A', 'B', 'C', 'D', long.toUpperCase(), 'E']);
		expect(groups).to.deep.equal([['a'], ['b', 'c', 'd'], [long], ['e']]);
	});

	it('drops items whose callers gave up while a write hangs', async () => {
		const { group, groups, writeAll } = make();
		const first = group.add('a');
		await new Promise((resolve) => setImmediate(resolve));
		const over = new AbortController();
		const outcomes = ['b', 'c'].map((item) => group.add(item, over.signal).catch((reason: unknown) => reason));
		over.abort(new Error('too late'));
		const last = group.add('d');
		for (const reason of await Promise.all(outcomes)) expect(reason).to.equal(over.signal.reason);
		await writeAll(2);
		expect(await Promise.all([first, last])).to.deep.equal(['A', 'D']);
		expect(groups).to.deep.equal([['a'], ['d']]);
	});
});
