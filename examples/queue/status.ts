import { readConfig as readInboxConfig } from '../../inbox/lib/config.js';
import { makeLogger } from '../../inbox/lib/log.js';
import { openDatabase } from '../../inbox/lib/store/open-database.js';
import { readConfig } from './lib/config.js';
import { connect } from './lib/connection.js';
import { listDeadLetters } from './lib/dead-letters.js';
import { rabbitmqUrls } from './lib/nodes-file.js';
import { DEAD_LETTERS, REPORTS } from './lib/queues.js';
import { fail } from './processes/fail.js';

/** How many dead letters are listed. */
const LISTED = 10;
/** Milliseconds to connect. */
const PATIENCE = 5_000;

/** Prints what is in the queues and in the database, and the oldest dead letters. */
async function main() {
	const rabbit = connect(rabbitmqUrls(readConfig(process.env)), 'status', makeLogger('silent'));
	await rabbit.onConnect(PATIENCE);
	const reports = await rabbit.queueDeclare({ queue: REPORTS, passive: true });
	const dead = await rabbit.queueDeclare({ queue: DEAD_LETTERS, passive: true });
	const letters = await listDeadLetters(rabbit, LISTED);
	rabbit.unsafeDestroy();

	const database = await openDatabase(readInboxConfig(process.env));
	const messages = await database.query<{ state: string; count: number }>(
		'SELECT state, CAST(count(*) AS integer) AS count FROM messages GROUP BY state',
	);
	await database.close();

	console.table({
		'reports that wait for a worker': reports.messageCount,
		workers: reports.consumerCount,
		'dead letters': dead.messageCount,
		...Object.fromEntries(messages.map(({ state, count }) => [`messages ${state}`, count])),
	});
	if (letters.length > 0) console.table(letters);
}

void main().catch(fail);
