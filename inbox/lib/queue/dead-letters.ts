import type { Connection, SyncMessage } from 'rabbitmq-client';
import type { ConfirmedPublisher } from './confirmed-publisher.js';
import { DEAD_LETTERS, REQUESTS } from './queues.js';
import { readMessage } from './request-message.js';

/** Time to publish one dead letter again. */
const PUBLISH_TIMEOUT_MS = 4_000;

/** A request that the workers gave up on. */
export interface DeadLetter {
	/** The workers log the reason under this key. */
	readonly key: string | undefined;
	/** Absent if the request is unreadable. */
	readonly messageId: string | undefined;
	readonly mmStatus: string | undefined;
	/** `delivery_limit`: it failed too often; `rejected`: it is unreadable. */
	readonly reason: unknown;
	readonly died: Date | undefined;
}

/** Lists the oldest dead letters without removing them. */
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
		// none was acknowledged, so RabbitMQ puts them all back
		await channel.close();
	}
	return letters;
}

/**
 * Moves the dead letters back into the queue as if they were new. Each is in one queue before it leaves the other.
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
		// letters that die again in the meantime wait for the next replay
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
