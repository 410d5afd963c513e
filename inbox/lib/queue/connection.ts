import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from 'rabbitmq-client';
import type { Logger } from '../log.js';
import type { QueueDeclaration } from './queues.js';

/** An unresponsive node is given up after twice this. RabbitMQ's manual calls less than 5 s risky. */
const HEARTBEAT_S = 5;
const CONNECT_TIMEOUT_MS = 3_000;
/** Pause between two attempts to connect; it grows up to the maximum. */
const MIN_RETRY_DELAY_MS = 100;
const MAX_RETRY_DELAY_MS = 2_000;

/**
 * Connects to one of the nodes, and to the next one whenever the connection is lost. Returns immediately.
 *
 * @param urls - the nodes; user, password, virtual host and TLS come from the first
 * @param name - the name of this process in RabbitMQ
 */
export function connect(urls: readonly string[], name: string, log: Logger): Connection {
	const rabbit = new Connection({
		url: urls[0] ?? '',
		hosts: shuffle(urls.map((url) => new URL(url).host)),
		connectionName: name,
		heartbeat: HEARTBEAT_S,
		connectionTimeout: CONNECT_TIMEOUT_MS,
		acquireTimeout: CONNECT_TIMEOUT_MS,
		retryLow: MIN_RETRY_DELAY_MS,
		retryHigh: MAX_RETRY_DELAY_MS,
	});
	// each report that waits for a connection adds a listener
	rabbit.setMaxListeners(0);
	rabbit.on('error', (err) => log.warn({ err }, 'no connection to RabbitMQ'));
	rabbit.on('connection', () => log.info('connected to RabbitMQ'));
	rabbit.on('connection.blocked', (reason) => log.warn({ reason }, 'RabbitMQ does not accept messages'));
	rabbit.on('connection.unblocked', () => log.info('RabbitMQ accepts messages again'));
	return rabbit;
}

/**
 * Creates the queues that do not exist, and compares the others with their declaration.
 *
 * @throws QueueDiffers if a queue was created with other values
 */
export async function declareQueues(rabbit: Connection, queues: readonly QueueDeclaration[]): Promise<void> {
	for (const queue of queues) {
		await rabbit.queueDeclare(queue).catch((cause) => {
			throw cause.code === 'PRECONDITION_FAILED' ? new QueueDiffers(queue.queue, cause) : cause;
		});
	}
}

/**
 * Declares the queues as soon as RabbitMQ is available.
 *
 * @throws QueueDiffers; AbortError
 */
export async function prepareQueues(
	rabbit: Connection,
	queues: readonly QueueDeclaration[],
	signal?: AbortSignal,
): Promise<void> {
	for (;;) {
		try {
			await declareQueues(rabbit, queues);
			return;
		} catch (error) {
			if (error instanceof QueueDiffers) throw error;
			await delay(MAX_RETRY_DELAY_MS, undefined, { signal });
		}
	}
}

/** A queue exists with other values. RabbitMQ cannot change them. */
export class QueueDiffers extends Error {
	override readonly name = 'QueueDiffers';

	constructor(queue: string | undefined, cause: Error) {
		super(
			`The queue ${queue} was created with another QUEUE_MAX_BYTES or QUEUE_MAX_ATTEMPTS: restore the old value, or let ` +
				'the workers empty the queue and delete it',
			{ cause },
		);
	}
}

/** Distributes the processes over the nodes. */
function shuffle<Item>(items: Item[]): Item[] {
	return items
		.map((item) => ({ item, at: Math.random() }))
		.sort((one, other) => one.at - other.at)
		.map(({ item }) => item);
}
