/** Milliseconds of one column of the histogram. */
const COLUMN_MS = 0.05;

/** What a run of the properties has seen, in a place of constant size. */
export class Figures {
	requests = 0;
	unanswered = 0;
	uncaught = 0;
	#costs = 0;
	#maximum = 0;
	readonly #columns = new Uint32Array(100_000);

	/** @param cost - CPU milliseconds of one request, below five seconds */
	addCost(cost: number): void {
		this.#costs++;
		this.#maximum = Math.max(this.#maximum, cost);
		const column = Math.min(Math.floor(cost / COLUMN_MS), this.#columns.length - 1);
		this.#columns[column] = (this.#columns[column] as number) + 1;
	}

	/** Milliseconds that no more than that share of the requests exceed. */
	#percentile(share: number): number {
		let left = this.#costs * share;
		const column = this.#columns.findIndex((count) => {
			left -= count;
			return left <= 0;
		});
		return (column + 1) * COLUMN_MS;
	}

	toString(): string {
		const { requests, unanswered, uncaught } = this;
		const cpu = `p50 ${this.#percentile(0.5).toFixed(2)}, p99.9 ${this.#percentile(0.999).toFixed(2)}, maximum ${this.#maximum.toFixed(2)} ms`;
		return `${requests} requests, ${unanswered} unanswered, ${uncaught} uncaught; CPU of ${this.#costs} structures: ${cpu}`;
	}
}
