import { setImmediate as turn } from 'node:timers/promises';

/** What waits to be written. */
interface Waiting<Item, Result> {
	readonly item: Item;
	readonly signal: AbortSignal | undefined;
	resolve(result: Result): void;
	reject(error: unknown): void;
}

/** How large a group may become. */
export interface GroupLimits<Item> {
	readonly items: number;
	readonly size: number;
	sizeOf(item: Item): number;
}

/**
 * Writes what arrives while a write is on its way together in the next one: a commit costs much and a further row in it
 * little. There is one write at a time, and an item that comes alone is written at once.
 */
export class GroupCommit<Item, Result> {
	readonly #write: (items: readonly Item[]) => Promise<readonly Result[]>;
	readonly #failsAlone: (error: unknown) => boolean;
	readonly #limits: GroupLimits<Item>;
	readonly #queue: Waiting<Item, Result>[] = [];
	#running: Promise<void> | undefined;

	/**
	 * @param write - writes all or nothing; the result of each item, in their order
	 * @param failsAlone - whether a failed write may have been the fault of one item: then each is tried by itself
	 */
	constructor(
		write: (items: readonly Item[]) => Promise<readonly Result[]>,
		failsAlone: (error: unknown) => boolean,
		limits: GroupLimits<Item>,
	) {
		this.#write = write;
		this.#failsAlone = failsAlone;
		this.#limits = limits;
	}

	/**
	 * Settles once the item is written, or cannot be.
	 *
	 * @param signal - an item is not written any more when this has aborted before its turn
	 */
	add(item: Item, signal?: AbortSignal): Promise<Result> {
		// while a write hangs the queue would grow by what nobody waits for any more
		while (this.#queue[0]?.signal?.aborted) refuse(this.#queue.shift());
		return new Promise((resolve, reject) => {
			this.#queue.push({ item, signal, resolve, reject });
			this.#running ??= this.#run();
		});
	}

	/** Settles when nothing is being written and nothing waits. */
	async finished(): Promise<void> {
		await this.#running;
	}

	async #run(): Promise<void> {
		while (this.#queue.length > 0) {
			// what has arrived already goes along
			await turn();
			const group = this.#nextGroup();
			if (group.length > 0) await this.#writeGroup(group);
		}
		this.#running = undefined;
	}

	#nextGroup(): Waiting<Item, Result>[] {
		const { items, size, sizeOf } = this.#limits;
		const group: Waiting<Item, Result>[] = [];
		let total = 0;
		let taken = 0;
		for (const waiting of this.#queue) {
			if (group.length >= items || (group.length > 0 && total >= size)) break;
			taken++;
			if (waiting.signal?.aborted) {
				refuse(waiting);
			} else {
				group.push(waiting);
				total += sizeOf(waiting.item);
			}
		}
		this.#queue.splice(0, taken);
		return group;
	}

	async #writeGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
		try {
			const results = await this.#write(group.map(({ item }) => item));
			for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
		} catch (error) {
			if (group.length > 1 && this.#failsAlone(error)) {
				for (const waiting of group) await this.#writeGroup([waiting]);
			} else {
				for (const { reject } of group) reject(error);
			}
		}
	}
}

/** For the reason for which nobody waits for it any more. */
function refuse(waiting: Pick<Waiting<unknown, unknown>, 'signal' | 'reject'> | undefined): void {
	waiting?.reject(waiting.signal?.reason);
}
