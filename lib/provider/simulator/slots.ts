/** A fixed number of slots, given in the order in which they are asked for. */
export class Slots {
	#free: number;
	readonly #waiting: (() => void)[] = [];

	constructor(count: number) {
		this.#free = count;
	}

	/** Takes a slot, as soon as there is one. */
	async acquire(): Promise<void> {
		if (this.#free > 0) this.#free--;
		else await new Promise<void>((resolve) => this.#waiting.push(resolve));
	}

	/** Gives a slot back, or hands it to who waits longest. */
	release(): void {
		const next = this.#waiting.shift();
		if (next) next();
		else this.#free++;
	}
}
