import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type AsyncMessage, type Connection, ConsumerStatus } from 'rabbitmq-client';
import type { Logger } from '../log.js';
import { type QueueDeclaration, REQUESTS } from './queues.js';
import { type QueuedRequest, readMessage, UnreadableMessage } from './request-message.js';

/**
 * Handles a request in a worker. The same request can be handled again, also by another worker.
 *
 * @param key - shared by all copies of a report; identifies it in logs
 * @param signal - aborted when RabbitMQ has taken the request back, or the worker stops
 */
export type HandleRequest = (request: QueuedRequest, key: string | undefined, signal: AbortSignal) => Promise<void>;

/** How a worker consumes requests. */
export interface ConsumeOptions {
	/** Number of requests it holds at a time, including those waiting for their next attempt. */
	readonly prefetch: number;
	/** Pause before the second attempt. It doubles before each later one. */
	readonly backoffMs?: number;
}

const BACKOFF_MS = 1_000;
/** RabbitMQ takes a request back after 30 minutes; this is far less. */
const MAX_BACKOFF_MS = 60_000;

/** A running consumer. */
export interface Consuming {
	/** Stops consuming. Resolves once every request it holds is handled or given back. */
	stop(): Promise<void>;
}

/**
 * Consumes requests from the queue, each at least once.
 *
 * A request leaves the queue once it is handled. If that fails, the worker holds it for a pause that doubles each time,
 * then gives it back. If a worker dies, RabbitMQ takes its requests back immediately. RabbitMQ counts the deliveries and
 * turns a request that came back too often into a dead letter. An unreadable message becomes one immediately.
 *
 * @param queue - the declaration of the queue, which is created if it is missing
 */
export function consume(
	rabbit: Connection,
	queue: QueueDeclaration,
	handle: HandleRequest,
	{ prefetch, backoffMs = BACKOFF_MS }: ConsumeOptions,
	log: Logger,
): Consuming {
	// replaced with each connection: requests delivered over a lost one are redelivered, so they are not waited for
	let delivered = newDelivery();

	async function settle(message: AsyncMessage): Promise<ConsumerStatus> {
		const { signal } = delivered;
		const attempt = 1 + Number(message.headers?.['x-delivery-count'] ?? 0);
		try {
			await handle(await readMessage(message.body), message.messageId, signal);
			return ConsumerStatus.ACK;
		} catch (err) {
			if (signal.aborted) return ConsumerStatus.REQUEUE;
			log.error({ key: message.messageId, attempt, err }, 'failed to handle a request from the queue');
			if (err instanceof UnreadableMessage) return ConsumerStatus.DROP;
			await delay(Math.min(backoffMs * 2 ** (attempt - 1), MAX_BACKOFF_MS), undefined, { signal }).catch(() => {});
			return ConsumerStatus.REQUEUE;
		}
	}

	function giveBack(): void {
		delivered.abort();
		delivered = newDelivery();
	}

	const consumer = rabbit.createConsumer(
		{ queue: REQUESTS, queueOptions: queue, qos: { prefetchCount: prefetch } },
		settle,
	);
	rabbit.on('error', giveBack);
	consumer.on('error', (err) => {
		// a request was acknowledged that RabbitMQ had taken back
		if (err.code === 'CH_CLOSE') return;
		log.warn({ err }, 'RabbitMQ took its requests back');
		giveBack();
	});
	consumer.on('ready', () => log.info('consuming requests from the queue'));
	return {
		async stop() {
			const closed = consumer.close();
			delivered.abort();
			await closed;
		},
	};
}

function newDelivery(): AbortController {
	const controller = new AbortController();
	// each waiting request adds a listener
	setMaxListeners(0, controller.signal);
	return controller;
}
