import type { Exchange } from 'mm7-delivery-reports';
import type { Outcome } from './keeper.js';

/** The metrics that the receiver updates. */
export interface ReceiverMetrics {
	/**
	 * Counts a request and its response.
	 *
	 * @param provider - its name
	 */
	observe(exchange: Exchange, stored: Outcome | undefined, provider: string): void;
	/** Counts refused requests that were stored as examples. */
	refusedKept(count: number): void;
	/** Counts those that were not stored. */
	refusedDropped(count: number): void;
	/** Counts a request that was rejected before it reached the receiver; `reason` is one of a fixed set. */
	httpRejected(reason: string): void;
}
