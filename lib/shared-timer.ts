/** Milliseconds behind its time at which a timer is held for lost: made while a test had replaced setTimeout. */
const LOST = 1000;

/**
 * One timer for all that have the same time to finish: what finishes in time, as nearly everything does, costs no
 * timer of its own. Keeps the process alive while it has somebody to watch.
 */
export class SharedTimer {
	readonly #milliseconds: number;
	/** What to call, and when by `performance.now()`. The time of all is the same, so the first is due first. */
	readonly #due = new Map<() => void, number>();
	#timer: NodeJS.Timeout | undefined;
	/** When the timer goes off. */
	#wakes = 0;

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
		this.#due.set(onOver, since + this.#milliseconds);
		if (this.#timer === undefined || this.#wakes + LOST < since) this.#waitForFirst();
		else if (this.#due.size === 1) this.#timer.ref();
	}

	stop(onOver: () => void): void {
		if (this.#due.delete(onOver) && this.#due.size === 0) this.#timer?.unref();
	}

	#waitForFirst(): void {
		clearTimeout(this.#timer);
		for (const due of this.#due.values()) {
			this.#wakes = due;
			// up, for a timer cuts off what is no whole millisecond; and never over the longest that it can
			const left = Math.min(Math.ceil(due - performance.now()), this.#milliseconds);
			this.#timer = setTimeout(() => this.#callThoseDue(), left);
			return;
		}
		this.#timer = undefined;
	}

	#callThoseDue(): void {
		// the timer may go off a little early
		const now = Math.max(this.#wakes, performance.now());
		this.#timer = undefined;
		for (const [onOver, due] of this.#due) {
			if (due > now) break;
			this.#due.delete(onOver);
			onOver();
		}
		this.#waitForFirst();
	}
}
