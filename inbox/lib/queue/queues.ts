import type { Connection } from 'rabbitmq-client';
import type { QueueConfig } from '../config.js';

/** The queue of requests waiting for a worker. */
export const REQUESTS = 'mm7.requests';

/** The queue of requests that the workers gave up on. */
export const DEAD_LETTERS = 'mm7.dead-letters';

/** By default, RabbitMQ 4 drops a message after 20 deliveries, and listing a dead letter is a delivery. */
const NO_DELIVERY_LIMIT = 2 ** 31 - 1;

/** The argument of `queue.declare`. */
export type QueueDeclaration = Extract<Parameters<Connection['queueDeclare']>[0], object>;

/** The declarations of all queues. */
export interface Queues {
	readonly deadLetters: QueueDeclaration;
	readonly requests: QueueDeclaration;
	/** In the order in which they have to be created. */
	readonly all: readonly QueueDeclaration[];
}

/**
 * Declares the queues, which are replicated to a majority of the nodes. Nothing is dropped: a full queue refuses new
 * messages, and a dead letter leaves its queue only after the other one has confirmed it.
 */
export function queuesOf({ maxBytes, maxAttempts }: Pick<QueueConfig, 'maxBytes' | 'maxAttempts'>): Queues {
	const deadLetters: QueueDeclaration = {
		queue: DEAD_LETTERS,
		durable: true,
		arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': NO_DELIVERY_LIMIT },
	};
	const requests: QueueDeclaration = {
		queue: REQUESTS,
		durable: true,
		arguments: {
			'x-queue-type': 'quorum',
			'x-max-length-bytes': maxBytes,
			'x-overflow': 'reject-publish',
			// counts deliveries after the first
			'x-delivery-limit': maxAttempts - 1,
			// the default exchange routes by queue name
			'x-dead-letter-exchange': '',
			'x-dead-letter-routing-key': DEAD_LETTERS,
			'x-dead-letter-strategy': 'at-least-once',
		},
	};
	return { deadLetters, requests, all: [deadLetters, requests] };
}
