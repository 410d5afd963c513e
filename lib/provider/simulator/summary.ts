import type { SinchVerdict } from '../testing/index.js';

/** The outcome of one request. */
export interface Attempt extends SinchVerdict {
	/** Milliseconds to the response; `undefined` if there was none. */
	readonly latency: number | undefined;
}

/** The end of a delivery: `lost` if the last attempt failed. */
type DeliveryEnd = 'accepted' | 'rejected' | 'lost';

/** The outcome of a simulation. */
export interface Summary {
	/** Messages whose reports are all settled or given up. */
	readonly messages: number;
	/** Messages without any report. */
	readonly silent: number;
	/** Messages that were registered. */
	readonly registered: number;
	/** Messages that could not be registered. */
	readonly notRegistered: number;
	/** Reports of which at least one copy was sent, read replies included. */
	readonly reports: number;
	/** Read replies among them. */
	readonly readReplies: number;
	readonly accepted: number;
	/** Final rejections: HTTP 200 with another StatusCode. */
	readonly rejected: number;
	/** Reports that no attempt delivered. */
	readonly lost: number;
	/** Reports that were neither settled nor given up when the simulation was interrupted. */
	readonly unfinished: number;
	/** Attempts after the first one of a report. */
	readonly retried: number;
	/** Further copies of accepted reports. */
	readonly duplicates: number;
	readonly duplicatesNotAccepted: number;
	/** Milliseconds from request to response, over all responses; `null` if there was none. */
	readonly latency: { readonly p50: number | null; readonly p99: number | null };
	/** Milliseconds of the whole simulation. */
	readonly duration: number;
	/** Number of requests that were not accepted, by reason. */
	readonly reasons: Readonly<Record<string, number>>;
	readonly interrupted: boolean;
	readonly seed: number;
}

/** Further reasons are counted together, since a reason may quote a response, which can contain any text. */
const MAX_REASONS = 50;
const OTHER_REASONS = 'other reasons';

/** The kind of copy that is sent; a duplicate follows an accepted report. */
export type Copy = 'first' | 'retry' | 'duplicate';

const COUNTED_AS = { first: 'reports', retry: 'retried', duplicate: 'duplicates' } as const;

/** Counts while a simulation runs. */
export class Tally {
	readonly #counts = {
		messages: 0,
		silent: 0,
		registered: 0,
		notRegistered: 0,
		reports: 0,
		readReplies: 0,
		accepted: 0,
		rejected: 0,
		lost: 0,
		retried: 0,
		duplicates: 0,
		duplicatesNotAccepted: 0,
	};
	readonly #latencies: number[] = [];
	readonly #reasons = new Map<string, number>();
	readonly #start = performance.now();

	/** Counts a copy of a report that is about to be sent. */
	sending(copy: Copy, isReadReply = false): void {
		this.#counts[COUNTED_AS[copy]]++;
		if (isReadReply && copy === 'first') this.#counts.readReplies++;
	}

	/** Counts the outcome. */
	sent({ verdict, reason, latency }: Attempt, copy: Copy): void {
		if (copy === 'duplicate' && verdict !== 'accepted') this.#counts.duplicatesNotAccepted++;
		if (latency !== undefined) this.#latencies.push(latency);
		if (reason !== undefined) this.#countReason(reason);
	}

	/** Counts a message that was registered. */
	registered(): void {
		this.#counts.registered++;
	}

	/** Counts a message that could not be registered. */
	notRegistered(reason: string): void {
		this.#counts.notRegistered++;
		this.#countReason(reason);
	}

	/** Counts a message without any report. */
	stayedSilent(): void {
		this.#counts.silent++;
	}

	#countReason(reason: string): void {
		const known = this.#reasons.has(reason) || this.#reasons.size < MAX_REASONS;
		const key = known ? reason : OTHER_REASONS;
		this.#reasons.set(key, (this.#reasons.get(key) ?? 0) + 1);
	}

	/** Counts a report that is settled or given up. */
	ended(end: DeliveryEnd): void {
		this.#counts[end]++;
	}

	/** Counts a message whose reports are all settled or given up. */
	finishedMessage(): void {
		this.#counts.messages++;
	}

	summary({ seed, interrupted }: Pick<Summary, 'seed' | 'interrupted'>): Summary {
		const sorted = this.#latencies.toSorted((one, other) => one - other);
		const { reports, accepted, rejected, lost } = this.#counts;
		return {
			...this.#counts,
			unfinished: reports - accepted - rejected - lost,
			latency: { p50: percentile(sorted, 50), p99: percentile(sorted, 99) },
			duration: performance.now() - this.#start,
			reasons: Object.fromEntries(this.#reasons),
			interrupted,
			seed,
		};
	}

	/** The counts so far. */
	get counts(): Readonly<Pick<Summary, 'messages' | 'accepted' | 'rejected' | 'lost' | 'retried'>> {
		return this.#counts;
	}
}

/**
 * A percentile by nearest rank.
 *
 * @param sorted - ascending
 * @returns `null` if there are no values
 */
export function percentile(sorted: readonly number[], percent: number): number | null {
	return sorted[Math.max(Math.ceil((percent / 100) * sorted.length), 1) - 1] ?? null;
}
