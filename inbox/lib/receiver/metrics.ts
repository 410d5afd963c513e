import type { Exchange } from 'mm7-delivery-reports';
import type { Outcome } from './keeper.js';

/** The metrics that the receiver updates. */
export interface ReceiverMetrics {
	/** Counts a request and its response. */
	observe(exchange: Exchange, stored: Outcome | undefined): void;
	/** Counts an unreadable request that was stored. */
	unreadableKept(): void;
	/** Counts one that was not stored. */
	unreadableDropped(): void;
	/** Counts a request that was rejected before it reached the receiver; `reason` is one of a fixed set. */
	httpRejected(reason: string): void;
}
