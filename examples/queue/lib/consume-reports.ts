import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type AsyncMessage, type Connection, ConsumerStatus } from 'rabbitmq-client';
import type { Config } from './config.js';
import { type QueueDeclaration, REPORTS } from './queues.js';
import { decodeReport, type ReportMessage, UnreadableMessage } from './report-message.js';

/**
 * What a worker does with a report; it may be called again with the same one, also by another worker.
 *
 * @param signal - aborted where RabbitMQ has taken the report back, or the worker stops
 */
export type HandleReport = (message: ReportMessage, signal: AbortSignal) => Promise<void>;

export type ConsumeOptions = Pick<Config, 'PREFETCH' | 'BACKOFF_MS' | 'MAX_BACKOFF_MS'>;

/** A worker at work. */
export interface Consuming {
	/** Takes nothing more; resolves when what was in hand is handled or given back. */
	stop(): Promise<void>;
}

/**
 * Takes reports from the queue, at least once each.
 *
 * A report leaves the queue when it is handled. Where handling fails it stays with the worker for a pause that doubles
 * each time, and is given back then; where a worker dies RabbitMQ takes its reports back at once. RabbitMQ counts, and
 * makes a dead letter of what came back too often. What can never be read becomes one at once.
 *
 * @param queue - the declaration of the queue, which is made where it is missing
 */
export function consumeReports(
	rabbit: Connection,
	queue: QueueDeclaration,
	handle: HandleReport,
	options: ConsumeOptions,
	log: Logger,
): Consuming {
	// replaced with each connection: what a lost one delivered is delivered again, and need not be waited for
	let delivered = newDelivery();

	async function settle(message: AsyncMessage): Promise<ConsumerStatus> {
		const { signal } = delivered;
		const attempt = 1 + Number(message.headers?.['x-delivery-count'] ?? 0);
		try {
			await handle(decodeReport(message.body), signal);
			return ConsumerStatus.ACK;
		} catch (err) {
			if (signal.aborted) return ConsumerStatus.REQUEUE;
			log.error({ key: message.messageId, attempt, err }, 'the report could not be handled');
			if (err instanceof UnreadableMessage) return ConsumerStatus.DROP;
			await pause(backoff(attempt, options), undefined, { signal }).catch(() => {});
			return ConsumerStatus.REQUEUE;
		}
	}

	function giveBack(): void {
		delivered.abort();
		delivered = newDelivery();
	}

	const consumer = rabbit.createConsumer(
		{ queue: REPORTS, queueOptions: queue, qos: { prefetchCount: options.PREFETCH } },
		settle,
	);
	rabbit.on('error', giveBack);
	consumer.on('error', (err) => {
		// the answer of a report that had been taken back
		if (err.code === 'CH_CLOSE') return;
		log.warn({ err }, 'RabbitMQ takes its reports back');
		giveBack();
	});
	consumer.on('ready', () => log.info('takes reports'));
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
	// each report that waits listens
	setMaxListeners(0, controller.signal);
	return controller;
}

/** Milliseconds until the next attempt. */
function backoff(attempt: number, { BACKOFF_MS, MAX_BACKOFF_MS }: ConsumeOptions): number {
	return Math.min(BACKOFF_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS);
}
