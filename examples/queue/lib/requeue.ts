import { setTimeout as pause } from 'node:timers/promises';
import { DEAD_LETTERS, type Queue, REPORTS, REPORTS_SUBJECT, WORKERS } from './streams.js';

/**
 * Puts all dead letters back into the queue, as if they had just come.
 *
 * @returns how many
 */
export async function replayDeadLetters(queue: Queue): Promise<number> {
	const { state } = await queue.manager.streams.info(DEAD_LETTERS);
	return moveToQueue(queue, DEAD_LETTERS, state.last_seq);
}

/**
 * Puts reports back into the queue that are in the stream although NATS takes them for handled, until the signal is
 * aborted. They come from a nats-server that was killed between an ack and the removal of the message. Nearly all of
 * them were handled, and the key of the effect says so; without this they would take up room for ever.
 *
 * @param interval - milliseconds between two looks
 */
export async function requeueLeftovers(queue: Queue, interval: number, signal: AbortSignal): Promise<void> {
	// a message acked just now may be on its way out; so only what the look before found acked counts
	let handledUpTo = 0;
	for (;;) {
		await pause(interval, undefined, { signal }).catch(() => {});
		if (signal.aborted) return;
		try {
			const count = await moveToQueue(queue, REPORTS, handledUpTo);
			if (count > 0) console.error(`worker ${process.pid} put ${count} left over reports back into the queue`);
			handledUpTo = (await queue.manager.consumers.info(REPORTS, WORKERS)).ack_floor.stream_seq;
		} catch (error) {
			console.error(`worker ${process.pid} could not look for left over reports: ${error}`);
		}
	}
}

/** Moves the messages of a stream, up to a sequence number, to the end of the queue; at least once each. */
async function moveToQueue({ jetstream, manager }: Queue, stream: string, upTo: number): Promise<number> {
	const { state } = await manager.streams.info(stream);
	let count = 0;
	for (let from = state.first_seq; state.messages > 0 && from <= upTo; ) {
		const message = await manager.direct.getMessage(stream, { seq: from, next_by_subj: '>' });
		if (!message || message.seq > upTo) break;
		const kind = message.subject.slice(message.subject.lastIndexOf('.') + 1);
		await jetstream.publish(`${REPORTS_SUBJECT}.${kind}`, message.data, {
			// not the key: that may still be within the duplicate window
			msgID: `${stream}:${message.seq}`,
			expect: { streamName: REPORTS },
		});
		await manager.streams.deleteMessage(stream, message.seq);
		count += 1;
		from = message.seq + 1;
	}
	return count;
}
