import { createServer } from 'node:http';
import { readConfig as readInboxConfig } from '../../inbox/lib/config.js';
import { isLocalOnly } from '../../inbox/lib/greeting.js';
import { closeServer } from '../../inbox/lib/stop.js';
import { createApp } from './lib/app.js';
import { readConfig } from './lib/config.js';
import { ConfirmedPublisher } from './lib/confirmed-publisher.js';
import { connect, prepareQueues } from './lib/connection.js';
import { processLog } from './lib/log.js';
import { rabbitmqUrls } from './lib/nodes-file.js';
import { publishReports } from './lib/publish-reports.js';
import { queuesOf } from './lib/queues.js';
import { fail } from './processes/fail.js';
import { listen } from './processes/listen.js';
import { onStop } from './processes/stop-signal.js';

/** One receiver process: takes reports by HTTP, and answers once they are in the queue. */
async function main() {
	const config = readConfig(process.env);
	const inbox = readInboxConfig(process.env);
	const log = processLog('receiver', inbox.logLevel);
	const rabbit = connect(rabbitmqUrls(config), `receiver ${process.pid}`, log);
	const queues = queuesOf(config).all;
	const handler = publishReports(new ConfirmedPublisher(rabbit, queues), config.PUBLISH_TIMEOUT_MS);
	const server = createServer(createApp(handler, rabbit, inbox, config.HANDLER_TIMEOUT_MS, log));

	const port = await listen(server, inbox.port, inbox.host);
	onStop(async () => {
		// what is answered is confirmed, and nothing is left to be published
		await closeServer(server);
		rabbit.unsafeDestroy();
		log.info('stopped');
	});
	log.info({ url: `http://${inbox.host}:${port}/mm7` }, 'waits for reports');
	if (!isLocalOnly(inbox.host) && !inbox.mm7 && !inbox.mm7AllowFrom) {
		log.warn('anybody who reaches this machine may send reports: set MM7_USER and MM7_PASSWORD, or MM7_ALLOW_FROM');
	}
	// not before it listens: while there is no RabbitMQ the provider has to be told so
	await prepareQueues(rabbit, queues);
}

void main().catch(fail);
