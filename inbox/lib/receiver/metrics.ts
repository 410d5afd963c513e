import type { Exchange } from 'mm7-delivery-reports';
import type { Outcome } from './keeper.js';

/** What the receiver counts. */
export interface ReceiverMetrics {
	/** A request and its response. */
	observe(exchange: Exchange, stored: Outcome | undefined): void;
	/** A request that was kept because it could not be read. */
	unreadableKept(): void;
	/** One that was not kept, because many came at the same time or keeping failed. */
	unreadableDropped(): void;
	/**
	 * A request that was rejected before it reached the receiver.
	 *
	 * @param reason - from a fixed set
	 */
	httpRejected(reason: string): void;
}
