import type { JetStreamClient, JsMsg } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { DEAD_LETTERS, DEAD_LETTERS_SUBJECT, REPLAY, REPORTS, REPORTS_SUBJECT } from './streams.js';

/** Why a report became a dead letter, in words. */
export const REASON_HEADER = 'Mm7-Reason';
/** How often it had been delivered to a worker. */
export const DELIVERIES_HEADER = 'Mm7-Deliveries';

/** Milliseconds after which a look for more dead letters ends. */
const REPLAY_PATIENCE = 1_000;

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

/**
 * Puts all dead letters back into the queue, as if they had just come.
 *
 * @returns how many
 */
export async function replayDeadLetters(jetstream: JetStreamClient): Promise<number> {
	const consumer = await jetstream.consumers.get(DEAD_LETTERS, REPLAY);
	const { num_pending, num_ack_pending } = await consumer.info(true);
	const waiting = num_pending + num_ack_pending;
	if (waiting === 0) return 0;
	let count = 0;
	for await (const letter of await consumer.fetch({ max_messages: waiting, expires: REPLAY_PATIENCE })) {
		await jetstream.publish(`${REPORTS_SUBJECT}.${stateOf(letter)}`, letter.data, {
			// the id that it came with may still be within the duplicate window
			msgID: `${letter.info.stream}:${letter.seq}`,
			expect: { streamName: REPORTS },
		});
		letter.ack();
		count += 1;
	}
	return count;
}

function stateOf({ subject }: JsMsg): string {
	return subject.slice(subject.lastIndexOf('.') + 1);
}
