import type { JetStreamClient, JsMsg } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { DEAD_LETTERS, DEAD_LETTERS_SUBJECT } from './streams.js';

/** Why a report became a dead letter, in words. */
export const REASON_HEADER = 'Mm7-Reason';
/** How often it had been delivered to a worker. */
export const DELIVERIES_HEADER = 'Mm7-Deliveries';

/**
 * Moves a message from the queue to the dead letters, where it stays until somebody replays or deletes it. It leaves
 * the queue only after it is stored there.
 */
export async function buryMessage(jetstream: Pick<JetStreamClient, 'publish'>, message: JsMsg, reason: string) {
	const why = headers();
	// a header is one line
	why.set(REASON_HEADER, reason.replace(/\s+/g, ' '));
	why.set(DELIVERIES_HEADER, String(message.info.deliveryCount));
	await jetstream.publish(`${DEAD_LETTERS_SUBJECT}.${stateOf(message)}`, message.data, {
		headers: why,
		// a worker that dies before the next line buries it again
		msgID: `${message.info.stream}:${message.seq}`,
		expect: { streamName: DEAD_LETTERS },
	});
	// without the reason: servers before 2.10.4 do not understand it, and would deliver the message again
	message.term();
}

function stateOf({ subject }: JsMsg): string {
	return subject.slice(subject.lastIndexOf('.') + 1);
}
