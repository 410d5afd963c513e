import type { Connection, SyncMessage } from 'rabbitmq-client';
import type { ConfirmedPublisher } from './confirmed-publisher.js';
import { DEAD_LETTERS, REPORTS } from './queues.js';

/** A report that workers gave up. */
export interface DeadLetter {
	/** The log of the workers tells under it why. */
	readonly key: string | undefined;
	readonly messageId: unknown;
	readonly mmStatus: unknown;
	/** `delivery_limit`: it failed too often; `rejected`: it could not be read. */
	readonly reason: unknown;
	readonly died: Date | undefined;
}

/** The oldest dead letters; they stay where they are. */
export async function listDeadLetters(rabbit: Connection, limit: number): Promise<DeadLetter[]> {
	const channel = await rabbit.acquire();
	const letters: DeadLetter[] = [];
	try {
		while (letters.length < limit) {
			const message = await channel.basicGet(DEAD_LETTERS);
			if (message === undefined) break;
			letters.push(describe(message));
		}
	} finally {
		// nothing was acked, so all go back
		await channel.close();
	}
	return letters;
}

/**
 * Puts the dead letters back into the queue, as if they had just come: each is in the one queue before it leaves the
 * other.
 *
 * @param timeout - milliseconds for one
 * @param onReplayed - called after each
 */
export async function replayDeadLetters(
	rabbit: Connection,
	publisher: ConfirmedPublisher,
	timeout: number,
	onReplayed: () => void,
): Promise<void> {
	const channel = await rabbit.acquire();
	try {
		// what dies again meanwhile waits for the next replay
		let { messageCount } = await channel.queueDeclare({ queue: DEAD_LETTERS, passive: true });
		for (; messageCount > 0; messageCount -= 1) {
			const message = await channel.basicGet(DEAD_LETTERS);
			if (message === undefined) break;
			await publisher.publish(REPORTS, message.messageId ?? '', message.body, timeout);
			channel.basicAck({ deliveryTag: message.deliveryTag });
			onReplayed();
		}
	} finally {
		await channel.close();
	}
}

function describe({ messageId: key, headers, body }: SyncMessage): DeadLetter {
	const { messageId, mmStatus } = body?.report ?? {};
	const [death] = headers?.['x-death'] ?? [];
	const died = death?.time === undefined ? undefined : new Date(1000 * Number(death.time));
	return { key, messageId, mmStatus, reason: death?.reason, died };
}
