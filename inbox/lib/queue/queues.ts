import type { Connection } from 'rabbitmq-client';
import type { QueueConfig } from '../config.js';

/** The queue of requests that wait for a worker. */
export const REQUESTS = 'mm7.requests';

/** The queue of requests that workers gave up. */
export const DEAD_LETTERS = 'mm7.dead-letters';

/** RabbitMQ 4 drops a message after 20 deliveries by itself, and looking at a dead letter is one. */
const NO_LIMIT = 2 ** 31 - 1;

/** What `queue.declare` takes. */
export type QueueDeclaration = Extract<Parameters<Connection['queueDeclare']>[0], object>;

/** The declarations of all queues. */
export interface Queues {
	readonly deadLetters: QueueDeclaration;
	readonly requests: QueueDeclaration;
	/** In the order in which they have to be made. */
	readonly all: readonly QueueDeclaration[];
}

/**
 * The queues, each with a copy on a majority of the nodes. What is full refuses what is new, and what becomes a dead
 * letter leaves the one queue after it is confirmed by the other: nothing is dropped.
 */
export function queuesOf({ maxBytes, maxAttempts }: Pick<QueueConfig, 'maxBytes' | 'maxAttempts'>): Queues {
	const deadLetters: QueueDeclaration = {
		queue: DEAD_LETTERS,
		durable: true,
		arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': NO_LIMIT },
	};
	const requests: QueueDeclaration = {
		queue: REQUESTS,
		durable: true,
		arguments: {
			'x-queue-type': 'quorum',
			'x-max-length-bytes': maxBytes,
			'x-overflow': 'reject-publish',
			// deliveries after the first
			'x-delivery-limit': maxAttempts - 1,
			// the default exchange, which takes the name of a queue as routing key
			'x-dead-letter-exchange': '',
			'x-dead-letter-routing-key': DEAD_LETTERS,
			'x-dead-letter-strategy': 'at-least-once',
		},
	};
	return { deadLetters, requests, all: [deadLetters, requests] };
}
