import type { DeliveryReport } from 'mm7-delivery-reports';

/** What the app keeps of a report. */
export type MessageState = Pick<DeliveryReport, 'state' | 'statusText' | 'final'>;

/** The messages that the app sent; in production, a database table. */
export interface Messages {
	/**
	 * Stores the state of a message. A final state is never replaced by one that is not.
	 *
	 * @returns false if no such message was sent
	 */
	setState(messageId: string, state: MessageState): Promise<boolean>;
}

/** Messages in memory, for tests. */
export class MessagesInMemory implements Messages {
	readonly #states = new Map<string, MessageState | undefined>();

	/** Adds a message that was sent. */
	add(messageId: string): void {
		this.#states.set(messageId, undefined);
	}

	stateOf(messageId: string): MessageState | undefined {
		return this.#states.get(messageId);
	}

	async setState(messageId: string, state: MessageState): Promise<boolean> {
		if (!this.#states.has(messageId)) return false;
		if (state.final || !this.stateOf(messageId)?.final) this.#states.set(messageId, state);
		return true;
	}
}
