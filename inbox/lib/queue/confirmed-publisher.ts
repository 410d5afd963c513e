import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { Connection, Publisher } from 'rabbitmq-client';
import { withTimeLimit } from '../time-limit.js';
import { declareQueues } from './connection.js';
import type { QueueDeclaration } from './queues.js';

/** Pause between two attempts to publish a message. */
const RETRY_DELAY_MS = 100;

/** RabbitMQ refused the message because the queue is full. */
export class QueueFull extends Error {
	override readonly name = 'QueueFull';
}

/** Publishes messages and confirms that each one is in its queue. */
export class ConfirmedPublisher {
	readonly #rabbit: Connection;
	readonly #queues: readonly QueueDeclaration[];
	readonly #publisher: Publisher;
	/** Correlation ids of messages that RabbitMQ returned, because their queue does not exist. */
	readonly #returned = new Set<string>();
	#published = 0;

	/** @param queues - created if they are missing */
	constructor(rabbit: Connection, queues: readonly QueueDeclaration[]) {
		this.#rabbit = rabbit;
		this.#queues = queues;
		this.#publisher = rabbit.createPublisher({ confirm: true });
		this.#publisher.on('basic.return', ({ correlationId = '' }) => this.#returned.add(correlationId));
	}

	/**
	 * Publishes a message, and resolves once a majority of the nodes has it on disk. If a node is lost in the meantime,
	 * another one is used, so a message can be in the queue twice.
	 *
	 * @param timeoutMs - for all attempts together
	 * @throws QueueFull; Error if the time is over
	 */
	async publish(queue: string, messageId: string, body: object, timeoutMs: number): Promise<void> {
		const end = performance.now() + timeoutMs;
		const timeLeft = () => Math.max(1, Math.ceil(end - performance.now()));
		for (;;) {
			try {
				// messages sent while there is no connection, or RabbitMQ is blocked, would pile up in memory
				await this.#rabbit.onConnect(timeLeft(), true);
				const attempt = this.#attempt(queue, messageId, body);
				await withTimeLimit(attempt, timeLeft(), 'RabbitMQ did not confirm the message in time');
				return;
			} catch (error) {
				if ((error as { code?: string }).code === 'NACK') throw new QueueFull(`the queue ${queue} is full`);
				if (timeLeft() <= RETRY_DELAY_MS) throw error;
				await delay(RETRY_DELAY_MS);
			}
		}
	}

	async #attempt(queue: string, messageId: string, body: object): Promise<void> {
		this.#published += 1;
		const correlationId = String(this.#published);
		await this.#publisher.send({ routingKey: queue, durable: true, mandatory: true, messageId, correlationId }, body);
		// if the queue is missing, RabbitMQ returns the message and confirms it too; the return is emitted a turn later
		await setImmediate();
		if (!this.#returned.delete(correlationId)) return;
		await declareQueues(this.#rabbit, this.#queues);
		throw new Error(`the queue ${queue} was missing`);
	}
}
