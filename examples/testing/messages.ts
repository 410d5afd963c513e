import type { DeliveryReport } from 'mm7-delivery-reports';

/** What the app keeps of a report. */
export type MessageState = Pick<DeliveryReport, 'state' | 'statusText' | 'final'>;

/** Where the app keeps the messages that it sent. In production a table of a database. */
export interface Messages {
	/**
	 * Keeps the state of a message; a final state is never replaced by one that is not.
	 *
	 * @returns false where no such message was sent
	 */
	setState(messageId: string, state: MessageState): Promise<boolean>;
}

/** In memory, for tests and for trying out. */
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
