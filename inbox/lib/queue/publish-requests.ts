import { type DeliveryReport, duplicateKey, type Exchange, type ReadReply } from 'mm7-delivery-reports';
import type { ConfirmedPublisher } from './confirmed-publisher.js';
import { REQUESTS } from './queues.js';
import { type ReceivedRequest, reportMessage, unreadableMessage } from './request-message.js';

/** How long a receiver waits for RabbitMQ: half the middleware's `handlerTimeout`. */
const PUBLISH_TIMEOUT_MS = 4_000;

/** Puts requests into the queue instead of the database. */
export interface QueueKeeper {
	/** Settles once a majority of the RabbitMQ nodes has the request on disk, so it can be acknowledged. */
	keepReport(report: DeliveryReport | ReadReply, req: ReceivedRequest): Promise<'queued'>;
	keepUnreadable(exchange: Exchange, req: ReceivedRequest): Promise<void>;
}

/** Makes a receiver's keeper. */
export function keepInQueue(
	publisher: Pick<ConfirmedPublisher, 'publish'>,
	timeoutMs: number = PUBLISH_TIMEOUT_MS,
): QueueKeeper {
	return {
		async keepReport(report, req) {
			await publisher.publish(REQUESTS, duplicateKey(report), reportMessage(report, req), timeoutMs);
			return 'queued';
		},
		keepUnreadable(exchange, req) {
			return publisher.publish(REQUESTS, 'unreadable', unreadableMessage(exchange, req), timeoutMs);
		},
	};
}
