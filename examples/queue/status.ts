import { readConfig } from './lib/config.js';
import { connectToNats } from './lib/connection.js';
import { DELIVERIES_HEADER, REASON_HEADER } from './lib/dead-letters.js';
import { DEAD_LETTERS, openQueue, REPORTS, WORKERS } from './lib/streams.js';

/** How many dead letters are listed. */
const LISTED = 10;

/** Prints what is in the queue, and why the latest dead letters died. */
async function main() {
	const config = readConfig(process.env);
	const { nats } = await connectToNats(config, 'status');
	const { manager, effects } = await openQueue(nats);

	const { state: queue } = await manager.streams.info(REPORTS);
	const workers = await manager.consumers.info(REPORTS, WORKERS);
	const { state: dead } = await manager.streams.info(DEAD_LETTERS);
	console.table({
		'reports stored since the beginning': queue.last_seq,
		'reports in the queue': queue.messages,
		'bytes in the queue': queue.bytes,
		'oldest in the queue': queue.messages > 0 ? queue.first_ts : '-',
		'waiting for a worker': workers.num_pending,
		'with workers, or between attempts': workers.num_ack_pending,
		'of these delivered more than once': workers.num_redelivered,
		'dead letters': dead.messages,
		'reports handled': (await effects.status()).values,
	});
	for (let seq = dead.last_seq; dead.messages > 0 && seq >= dead.first_seq && seq > dead.last_seq - LISTED; seq -= 1) {
		const letter = await manager.streams.getMessage(DEAD_LETTERS, { seq });
		if (!letter) continue;
		const { header } = letter;
		console.log(`${letter.timestamp} after ${header.get(DELIVERIES_HEADER)} deliveries: ${header.get(REASON_HEADER)}`);
		console.log(`  ${letter.string()}`);
	}
	await nats.close();
}

void main();
