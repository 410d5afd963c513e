import { setTimeout as pause, setImmediate } from 'node:timers/promises';
import type { Connection, Publisher } from 'rabbitmq-client';
import { declareQueues } from './connection.js';
import type { QueueDeclaration } from './queues.js';

/** Between two attempts to publish one message. */
const RETRY_DELAY_MS = 100;

/** RabbitMQ refused the message: the queue is full. */
export class QueueFull extends Error {
	override readonly name = 'QueueFull';
}

/** Puts messages into queues, and knows of each that it is there. */
export class ConfirmedPublisher {
	readonly #rabbit: Connection;
	readonly #queues: readonly QueueDeclaration[];
	readonly #publisher: Publisher;
	/** Marks of messages that no queue took. */
	readonly #returned = new Set<string>();
	#published = 0;

	/** @param queues - are made where they are missing */
	constructor(rabbit: Connection, queues: readonly QueueDeclaration[]) {
		this.#rabbit = rabbit;
		this.#queues = queues;
		this.#publisher = rabbit.createPublisher({ confirm: true });
		this.#publisher.on('basic.return', ({ correlationId = '' }) => this.#returned.add(correlationId));
	}

	/**
	 * Publishes a message, and resolves when a majority of the nodes has it on disk. A node that is lost meanwhile is
	 * replaced by another, so a message may come into the queue twice.
	 *
	 * @param timeout - milliseconds for all attempts together
	 * @throws QueueFull; Error when the time is over
	 */
	async publish(queue: string, messageId: string, body: object, timeout: number): Promise<void> {
		const end = performance.now() + timeout;
		for (;;) {
			try {
				// what is sent while there is no connection, or RabbitMQ takes nothing, would pile up in memory
				await this.#rabbit.onConnect(left(end), true);
				await within(left(end), this.#attempt(queue, messageId, body));
				return;
			} catch (error) {
				if ((error as { code?: string }).code === 'NACK') throw new QueueFull(`the queue ${queue} is full`);
				if (left(end) <= RETRY_DELAY_MS) throw error;
				await pause(RETRY_DELAY_MS);
			}
		}
	}

	async #attempt(queue: string, messageId: string, body: object): Promise<void> {
		this.#published += 1;
		const correlationId = String(this.#published);
		await this.#publisher.send({ routingKey: queue, durable: true, mandatory: true, messageId, correlationId }, body);
		// where the queue is missing RabbitMQ returns the message, and confirms it; the return is told a turn later
		await setImmediate();
		if (!this.#returned.delete(correlationId)) return;
		await declareQueues(this.#rabbit, this.#queues);
		throw new Error(`the queue ${queue} was missing`);
	}
}

function left(end: number): number {
	return Math.max(1, Math.ceil(end - performance.now()));
}

async function within<Result>(milliseconds: number, promise: Promise<Result>): Promise<Result> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(() => reject(new Error('RabbitMQ did not confirm the message in time')), milliseconds);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
