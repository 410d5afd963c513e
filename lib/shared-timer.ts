/**
 * One timer for all that have the same time to finish: what finishes in time, as nearly everything does, costs no
 * timer of its own. Keeps the process alive while it has somebody to watch.
 */
export class SharedTimer {
	readonly #milliseconds: number;
	/** What to call, and when by `performance.now()`. The time of all is the same, so the first is due first. */
	readonly #due = new Map<() => void, number>();
	#timer: NodeJS.Timeout | undefined;

	/** @param milliseconds - the time of each */
	constructor(milliseconds: number) {
		this.#milliseconds = milliseconds;
	}

	/**
	 * Calls `onOver` when the time is over, once, unless it is stopped before. It must not throw.
	 *
	 * @param since - when the time began, by `performance.now()`; not before that of the one started last
	 */
	start(onOver: () => void, since: number = performance.now()): void {
		const due = since + this.#milliseconds;
		this.#due.set(onOver, due);
		if (this.#timer === undefined) this.#wait(due - performance.now());
		else if (this.#due.size === 1) this.#timer.ref();
	}

	stop(onOver: () => void): void {
		if (this.#due.delete(onOver) && this.#due.size === 0) this.#timer?.unref();
	}

	#wait(milliseconds: number): void {
		this.#timer ??= setTimeout(() => this.#check(), milliseconds);
	}

	#check(): void {
		this.#timer = undefined;
		for (const [onOver, due] of this.#due) {
			const left = due - performance.now();
			if (left > 0) {
				this.#wait(left);
				return;
			}
			this.#due.delete(onOver);
			onOver();
		}
	}
}
