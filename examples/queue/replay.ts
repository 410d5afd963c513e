import { makeLogger } from '../../inbox/lib/log.js';
import { readConfig } from './lib/config.js';
import { ConfirmedPublisher } from './lib/confirmed-publisher.js';
import { connect } from './lib/connection.js';
import { replayDeadLetters } from './lib/dead-letters.js';
import { rabbitmqUrls } from './lib/nodes-file.js';
import { queuesOf } from './lib/queues.js';
import { fail } from './processes/fail.js';

/** Milliseconds to connect. */
const PATIENCE = 5_000;

/** Puts the dead letters back into the queue, once what killed them is repaired. */
async function main() {
	const config = readConfig(process.env);
	const rabbit = connect(rabbitmqUrls(config), 'replay', makeLogger('silent'));
	await rabbit.onConnect(PATIENCE);
	const publisher = new ConfirmedPublisher(rabbit, queuesOf(config).all);
	let replayed = 0;
	try {
		await replayDeadLetters(rabbit, publisher, config.PUBLISH_TIMEOUT_MS, () => {
			replayed += 1;
		});
	} finally {
		console.log(`${replayed} dead letters are in the queue again`);
	}
	rabbit.unsafeDestroy();
}

void main().catch(fail);
