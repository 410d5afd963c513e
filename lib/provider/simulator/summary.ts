import type { Attempt, DeliveryEnd } from './delivery.js';

/** What a simulation came to. */
export interface Summary {
	/** Messages whose reports are all settled or given up. */
	readonly messages: number;
	/** Reports of which at least one copy was sent, read replies included. */
	readonly reports: number;
	/** How many of them were read replies. */
	readonly readReplies: number;
	readonly accepted: number;
	/** Final refusals: HTTP 200 with another StatusCode. */
	readonly refused: number;
	/** Reports that no try brought through. */
	readonly lost: number;
	/** Reports that were neither settled nor given up when the simulation was interrupted. */
	readonly unfinished: number;
	/** Tries after the first one of a report. */
	readonly retried: number;
	/** Further copies of accepted reports. */
	readonly duplicates: number;
	readonly duplicatesNotAccepted: number;
	/** Milliseconds from request to answer, over all answers; `null` where there was none. */
	readonly latency: { readonly p50: number | null; readonly p99: number | null };
	/** Milliseconds that the simulation took. */
	readonly duration: number;
	/** How many requests were not accepted, by reason. */
	readonly reasons: Readonly<Record<string, number>>;
	readonly interrupted: boolean;
	readonly seed: number;
}

/** Of more distinct reasons the rest is counted together: an answer may quote anything. */
const MOST_REASONS = 50;
const OTHER_REASONS = 'other reasons';

/** Which copy of a report is sent. */
export type Copy = 'first' | 'retry' | 'duplicate';

const COUNTED_AS = { first: 'reports', retry: 'retried', duplicate: 'duplicates' } as const;

/** Counts while a simulation runs. */
export class Tally {
	readonly #counts = {
		messages: 0,
		reports: 0,
		readReplies: 0,
		accepted: 0,
		refused: 0,
		lost: 0,
		retried: 0,
		duplicates: 0,
		duplicatesNotAccepted: 0,
	};
	readonly #latencies: number[] = [];
	readonly #reasons = new Map<string, number>();
	readonly #start = performance.now();

	/** A report is being sent: for the first time, again, or once more although it was accepted. */
	sending(copy: Copy, isReadReply = false): void {
		this.#counts[COUNTED_AS[copy]]++;
		if (isReadReply && copy === 'first') this.#counts.readReplies++;
	}

	/** What the sending came to. */
	sent({ verdict, reason, latency }: Attempt, copy: Copy): void {
		if (copy === 'duplicate' && verdict !== 'accepted') this.#counts.duplicatesNotAccepted++;
		if (latency !== undefined) this.#latencies.push(latency);
		if (reason === undefined) return;
		const known = this.#reasons.has(reason) || this.#reasons.size < MOST_REASONS;
		const key = known ? reason : OTHER_REASONS;
		this.#reasons.set(key, (this.#reasons.get(key) ?? 0) + 1);
	}

	/** A report is settled or given up. */
	ended(end: DeliveryEnd): void {
		this.#counts[end]++;
	}

	/** All reports of a message are. */
	finishedMessage(): void {
		this.#counts.messages++;
	}

	summary({ seed, interrupted }: Pick<Summary, 'seed' | 'interrupted'>): Summary {
		const sorted = this.#latencies.toSorted((one, other) => one - other);
		const { reports, accepted, refused, lost } = this.#counts;
		return {
			...this.#counts,
			unfinished: reports - accepted - refused - lost,
			latency: { p50: percentile(sorted, 50), p99: percentile(sorted, 99) },
			duration: performance.now() - this.#start,
			reasons: Object.fromEntries(this.#reasons),
			interrupted,
			seed,
		};
	}

	/** The counts as they stand. */
	get counts(): Readonly<Pick<Summary, 'messages' | 'accepted' | 'refused' | 'lost' | 'retried'>> {
		return this.#counts;
	}
}

/**
 * A percentile by nearest rank: the smallest value that is not below that share of all values.
 *
 * @param sorted - ascending
 * @returns `null` where there are no values
 */
export function percentile(sorted: readonly number[], percent: number): number | null {
	return sorted[Math.max(Math.ceil((percent / 100) * sorted.length), 1) - 1] ?? null;
}
