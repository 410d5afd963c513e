import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type AsyncMessage, type Connection, ConsumerStatus } from 'rabbitmq-client';
import { type QueueDeclaration, REQUESTS } from './queues.js';
import { type QueuedRequest, readMessage, UnreadableMessage } from './request-message.js';

/**
 * What a worker does with a request; it may be called again with the same one, also by another worker.
 *
 * @param key - shared by all copies of a report; names it in logs
 * @param signal - aborted when RabbitMQ has taken the request back, or the worker stops
 */
export type HandleRequest = (request: QueuedRequest, key: string | undefined, signal: AbortSignal) => Promise<void>;

/** How a worker takes requests. */
export interface ConsumeOptions {
	/** Requests that it has in hand at one time, those between two attempts among them. */
	readonly prefetch: number;
	/** Pause before the second attempt; each later one waits twice as long. */
	readonly backoffMs?: number;
}

const BACKOFF_MS = 1_000;
/** RabbitMQ takes a request back after 30 minutes. */
const MAX_BACKOFF_MS = 60_000;

/** A worker at work. */
export interface Consuming {
	/** Takes nothing more; resolves when what was in hand is handled or given back. */
	stop(): Promise<void>;
}

/**
 * Takes requests from the queue, at least once each.
 *
 * A request leaves the queue when it is handled. If handling fails, it stays with the worker for a pause that doubles
 * each time, and is given back then; if a worker dies, RabbitMQ takes its requests back at once. RabbitMQ counts, and
 * makes a dead letter of what came back too often. What can never be read becomes one at once.
 *
 * @param queue - the declaration of the queue, which is made if it is missing
 */
export function consume(
	rabbit: Connection,
	queue: QueueDeclaration,
	handle: HandleRequest,
	{ prefetch, backoffMs = BACKOFF_MS }: ConsumeOptions,
	log: Logger,
): Consuming {
	// replaced with each connection: what a lost one delivered is delivered again, and need not be waited for
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
			await pause(Math.min(backoffMs * 2 ** (attempt - 1), MAX_BACKOFF_MS), undefined, { signal }).catch(() => {});
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
		// the acknowledgement of a request that had been taken back
		if (err.code === 'CH_CLOSE') return;
		log.warn({ err }, 'RabbitMQ takes its requests back');
		giveBack();
	});
	consumer.on('ready', () => log.info('taking requests from the queue'));
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
	// each request that waits listens
	setMaxListeners(0, controller.signal);
	return controller;
}
