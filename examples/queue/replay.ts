import { readConfig } from './lib/config.js';
import { connectToNats } from './lib/connection.js';
import { replayDeadLetters } from './lib/requeue.js';
import { openQueue } from './lib/streams.js';

/** Puts all dead letters back into the queue, once what killed them is repaired. */
async function main() {
	const config = readConfig(process.env);
	const { nats } = await connectToNats(config, 'replay');
	console.log(`${await replayDeadLetters(await openQueue(nats))} dead letters are in the queue again`);
	await nats.drain();
}

void main();
