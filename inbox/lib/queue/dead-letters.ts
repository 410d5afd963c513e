import type { Connection, SyncMessage } from 'rabbitmq-client';
import type { ConfirmedPublisher } from './confirmed-publisher.js';
import { DEAD_LETTERS, REQUESTS } from './queues.js';
import { readMessage } from './request-message.js';

/** For one dead letter to be in the queue again. */
const PUBLISH_TIMEOUT_MS = 4_000;

/** A request that workers gave up. */
export interface DeadLetter {
	/** The log of the workers tells under it why. */
	readonly key: string | undefined;
	/** Absent if it cannot be read. */
	readonly messageId: string | undefined;
	readonly mmStatus: string | undefined;
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
			letters.push(await describe(message));
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
 * @param onReplayed - called after each
 */
export async function replayDeadLetters(
	rabbit: Connection,
	publisher: ConfirmedPublisher,
	onReplayed: () => void,
): Promise<void> {
	const channel = await rabbit.acquire();
	try {
		// what dies again meanwhile waits for the next replay
		let { messageCount } = await channel.queueDeclare({ queue: DEAD_LETTERS, passive: true });
		for (; messageCount > 0; messageCount -= 1) {
			const message = await channel.basicGet(DEAD_LETTERS);
			if (message === undefined) break;
			await publisher.publish(REQUESTS, message.messageId ?? '', message.body, PUBLISH_TIMEOUT_MS);
			channel.basicAck({ deliveryTag: message.deliveryTag });
			onReplayed();
		}
	} finally {
		await channel.close();
	}
}

async function describe({ messageId: key, headers, body }: SyncMessage): Promise<DeadLetter> {
	const request = await readMessage(body).catch(() => undefined);
	const { messageId, mmStatus } = request && 'report' in request ? request.report : {};
	const [death] = headers?.['x-death'] ?? [];
	const died = death?.time === undefined ? undefined : new Date(1000 * Number(death.time));
	return { key, messageId, mmStatus, reason: death?.reason, died };
}
