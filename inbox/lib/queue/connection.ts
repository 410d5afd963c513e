import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Connection } from 'rabbitmq-client';
import type { QueueDeclaration } from './queues.js';

/** A node that stands still is left after twice as long. RabbitMQ's manual calls less than 5 risky. */
const HEARTBEAT_S = 5;
const CONNECT_TIMEOUT_MS = 3_000;
/** Milliseconds between two attempts to connect: at first, and at most. */
const RETRY = { retryLow: 100, retryHigh: 2_000 };

/**
 * Connects to one of the nodes, and again, to the next one, whenever the connection is lost. Returns at once.
 *
 * @param urls - of the nodes; user, password, virtual host and TLS are taken from the first
 * @param name - of this process, as RabbitMQ shows it
 */
export function connect(urls: readonly string[], name: string, log: Logger): Connection {
	const rabbit = new Connection({
		url: urls[0] ?? '',
		hosts: shuffle(urls.map((url) => new URL(url).host)),
		connectionName: name,
		heartbeat: HEARTBEAT_S,
		connectionTimeout: CONNECT_TIMEOUT_MS,
		acquireTimeout: CONNECT_TIMEOUT_MS,
		...RETRY,
	});
	// each report that waits for a connection is a listener
	rabbit.setMaxListeners(0);
	rabbit.on('error', (err) => log.warn({ err }, 'RabbitMQ cannot be reached'));
	rabbit.on('connection', () => log.info('connected to RabbitMQ'));
	rabbit.on('connection.blocked', (reason) => log.warn({ reason }, 'RabbitMQ takes no messages'));
	rabbit.on('connection.unblocked', () => log.info('RabbitMQ takes messages again'));
	return rabbit;
}

/**
 * Makes queues that do not exist, and holds those that do against their declaration.
 *
 * @throws Error that says what to do where a queue was made with other values
 */
export async function declareQueues(rabbit: Connection, queues: readonly QueueDeclaration[]): Promise<void> {
	for (const queue of queues) {
		await rabbit.queueDeclare(queue).catch((cause) => {
			throw cause.code === 'PRECONDITION_FAILED' ? new QueueDiffers(queue.queue, cause) : cause;
		});
	}
}

/**
 * Declares the queues as soon as there is a RabbitMQ to do it.
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
			await pause(RETRY.retryHigh, undefined, { signal });
		}
	}
}

/** RabbitMQ cannot change a queue that exists. */
export class QueueDiffers extends Error {
	override readonly name = 'QueueDiffers';

	constructor(queue: string | undefined, cause: Error) {
		super(
			`The queue ${queue} was made with another QUEUE_MAX_BYTES or QUEUE_MAX_ATTEMPTS: set it as it was, or let the ` +
				'workers empty the queue and delete it',
			{ cause },
		);
	}
}

/** So that not all processes take the same node. */
function shuffle<Item>(items: Item[]): Item[] {
	return items
		.map((item) => ({ item, at: Math.random() }))
		.sort((one, other) => one.at - other.at)
		.map(({ item }) => item);
}
