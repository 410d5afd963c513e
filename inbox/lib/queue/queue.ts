import type { Logger } from 'pino';
import type { QueueConfig } from '../config.js';
import { ConfirmedPublisher } from './confirmed-publisher.js';
import { connect, prepareQueues } from './connection.js';
import { type Consuming, consume, type HandleRequest } from './consume.js';
import { keepInQueue, type QueueKeeper } from './publish-requests.js';
import { queuesOf } from './queues.js';

/** The queue between receivers and workers. */
export interface Queue extends QueueKeeper {
	/** Its location for people, without the password. */
	readonly name: string;
	/** Whether RabbitMQ accepts messages right now. */
	isReady(): boolean;
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
	const prepared = prepareQueues(rabbit, queues.all, closing.signal);
	prepared.catch((error) => {
		if (!closing.signal.aborted) onBroken(error);
	});
	return {
		...keepInQueue(new ConfirmedPublisher(rabbit, queues.all)),
		name: `RabbitMQ at ${config.urls.map((url) => new URL(url).host).join(', ')}`,
		isReady: () => rabbit.ready,
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
