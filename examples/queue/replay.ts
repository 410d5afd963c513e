import { readConfig } from './lib/config.js';
import { connectToNats } from './lib/connection.js';
import { replayDeadLetters } from './lib/dead-letters.js';
import { openQueue } from './lib/streams.js';

/** Puts all dead letters back into the queue, once what killed them is repaired. */
async function main() {
	const config = readConfig(process.env);
	const { nats } = await connectToNats(config, 'replay');
	const { jetstream } = await openQueue(nats);
	console.log(`${await replayDeadLetters(jetstream)} dead letters are in the queue again`);
	await nats.drain();
}

void main();
