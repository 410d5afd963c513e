import { setImmediate as turn } from 'node:timers/promises';

/** An item that waits to be written. */
interface Waiting<Item, Result> {
	readonly item: Item;
	readonly signal: AbortSignal | undefined;
	resolve(result: Result): void;
	reject(error: unknown): void;
}

/** Limits on the size of a group. */
export interface GroupLimits<Item> {
	readonly items: number;
	readonly size: number;
	sizeOf(item: Item): number;
}

/**
 * Batches items that arrive during a write into the next one, because commits are expensive and extra rows in one are
 * cheap. There is one write at a time. An item that arrives while none is running is written immediately.
 */
export class GroupCommit<Item, Result> {
	readonly #write: (items: readonly Item[]) => Promise<readonly Result[]>;
	readonly #failsAlone: (error: unknown) => boolean;
	readonly #limits: GroupLimits<Item>;
	readonly #queue: Waiting<Item, Result>[] = [];
	#running: Promise<void> | undefined;

	/**
	 * @param write - writes all items or none, and returns their results in the same order
	 * @param failsAlone - whether a single item may have caused the failure: if so, each item is retried separately
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
	 * Settles once the item is written or has failed.
	 *
	 * @param signal - if it aborts before the item's turn, the item is not written
	 */
	add(item: Item, signal?: AbortSignal): Promise<Result> {
		// otherwise the queue would fill up with abandoned items while a write hangs
		while (this.#queue[0]?.signal?.aborted) refuse(this.#queue.shift());
		return new Promise((resolve, reject) => {
			this.#queue.push({ item, signal, resolve, reject });
			this.#running ??= this.#run();
		});
	}

	/** Settles when nothing is being written and the queue is empty. */
	async finished(): Promise<void> {
		await this.#running;
	}

	async #run(): Promise<void> {
		while (this.#queue.length > 0) {
			// include items that have already arrived
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

/** Rejects an abandoned item with its signal's reason. */
function refuse(waiting: Pick<Waiting<unknown, unknown>, 'signal' | 'reject'> | undefined): void {
	waiting?.reject(waiting.signal?.reason);
}
