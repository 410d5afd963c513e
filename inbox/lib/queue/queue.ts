import { type DeliveryReport, duplicateKey, type ReadReply } from 'mm7-delivery-reports';
import type { QueueConfig } from '../config.js';
import type { Logger } from '../log.js';
import type { Refusals } from '../store/refusal-repository.js';
import { ConfirmedPublisher } from './confirmed-publisher.js';
import { connect, prepareQueues } from './connection.js';
import { type Consuming, consume, type HandleRequest } from './consume.js';
import { queuesOf, REQUESTS } from './queues.js';
import { type ReceivedRequest, refusalsMessage, reportMessage } from './request-message.js';

/** How long a receiver waits for RabbitMQ: half the middleware's `handlerTimeout`. */
const PUBLISH_TIMEOUT_MS = 4_000;

/** The queue between receivers and workers. */
export interface Queue {
	/** Its location for people, without the password. */
	readonly name: string;
	/** Whether RabbitMQ accepts messages right now. */
	isReady(): boolean;
	/** Settles once a majority of the RabbitMQ nodes has the request on disk, so it can be acknowledged. */
	keepReport(report: DeliveryReport | ReadReply, req: ReceivedRequest, provider: string): Promise<'queued'>;
	/** The same for refused requests. */
	keepRefusals(refusals: Refusals): Promise<void>;
	/** Starts passing requests to a worker. */
	consume(handle: HandleRequest): Consuming;
	/** Drops the connection; unconfirmed messages fail. */
	close(): void;
}

/**
 * Connects to RabbitMQ and creates missing queues, however long that takes. Returns immediately.
 *
 * @param onBroken - called if a queue exists with other values
 */
export function openQueue(
	config: QueueConfig,
	processName: string,
	log: Logger,
	onBroken: (error: unknown) => void,
): Queue {
	const rabbit = connect(config.urls, processName, log);
	const queues = queuesOf(config);
	const closing = new AbortController();
	const publisher = new ConfirmedPublisher(rabbit, queues.all);
	const publish = (key: string, message: object) => publisher.publish(REQUESTS, key, message, PUBLISH_TIMEOUT_MS);
	const prepared = prepareQueues(rabbit, queues.all, closing.signal);
	prepared.catch((error) => {
		if (!closing.signal.aborted) onBroken(error);
	});
	return {
		name: `RabbitMQ at ${config.urls.map((url) => new URL(url).host).join(', ')}`,
		isReady: () => rabbit.ready,
		async keepReport(report, req, provider) {
			await publish(duplicateKey(report), reportMessage(report, req, provider));
			return 'queued';
		},
		keepRefusals: (refusals) => publish('refusals', refusalsMessage(refusals)),
		consume(handle) {
			let consuming: Consuming | undefined;
			let isStopped = false;
			// the queue for dead letters has to exist first
			prepared.then(
				() => {
					if (!isStopped) consuming = consume(rabbit, queues.requests, handle, config, log);
				},
				() => {},
			);
			return {
				async stop() {
					isStopped = true;
					await consuming?.stop();
				},
			};
		},
		close() {
			closing.abort();
			rabbit.unsafeDestroy();
		},
	};
}
