import type { Connection } from 'rabbitmq-client';
import type { Config, QueueConfig } from '../config.js';
import { makeLogger } from '../log.js';
import { openDatabase } from '../store/open-database.js';
import { ConfirmedPublisher } from './confirmed-publisher.js';
import { connect } from './connection.js';
import { listDeadLetters, replayDeadLetters } from './dead-letters.js';
import { DEAD_LETTERS, queuesOf, REQUESTS } from './queues.js';

/** Maximum number of dead letters in the list. */
const MAX_LISTED = 10;
const CONNECT_TIMEOUT_MS = 5_000;

/** Prints the size of the queues and the database, and the oldest dead letters. */
export async function printStatus(config: Config, queue: QueueConfig): Promise<void> {
	const [requests, dead, letters] = await withRabbit(queue, async (rabbit) => [
		await rabbit.queueDeclare({ queue: REQUESTS, passive: true }),
		await rabbit.queueDeclare({ queue: DEAD_LETTERS, passive: true }),
		await listDeadLetters(rabbit, MAX_LISTED),
	]);
	const database = await openDatabase(config);
	const messages = await database.query<{ state: string; count: number }>(
		'SELECT state, CAST(count(*) AS integer) AS count FROM messages GROUP BY state',
	);
	await database.close();

	console.table({
		'requests waiting for a worker': requests.messageCount,
		workers: requests.consumerCount,
		'dead letters': dead.messageCount,
		...Object.fromEntries(messages.map(({ state, count }) => [`messages ${state}`, count])),
	});
	if (letters.length > 0) console.table(letters);
}

/** Moves the dead letters back into the queue, once the cause of their failure is fixed. */
export async function replay(queue: QueueConfig): Promise<void> {
	let replayed = 0;
	try {
		await withRabbit(queue, (rabbit) =>
			replayDeadLetters(rabbit, new ConfirmedPublisher(rabbit, queuesOf(queue).all), () => {
				replayed += 1;
			}),
		);
	} finally {
		console.log(`${replayed} dead letters moved back into the queue`);
	}
}

async function withRabbit<T>({ urls }: QueueConfig, use: (rabbit: Connection) => Promise<T>): Promise<T> {
	const rabbit = connect(urls, 'mm7-inbox queue', makeLogger('silent'));
	try {
		await rabbit.onConnect(CONNECT_TIMEOUT_MS);
		return await use(rabbit);
	} finally {
		rabbit.unsafeDestroy();
	}
}
