import { readConfig as readInboxConfig } from '../../inbox/lib/config.js';
import type { Database } from '../../inbox/lib/store/database.js';
import { ReportRepository } from '../../inbox/lib/store/report-repository.js';
import { readConfig } from './lib/config.js';
import { connect, prepareQueues } from './lib/connection.js';
import { type Consuming, consumeReports } from './lib/consume-reports.js';
import { processLog } from './lib/log.js';
import { rabbitmqUrls } from './lib/nodes-file.js';
import { openWhenAvailable } from './lib/open-database.js';
import { queuesOf } from './lib/queues.js';
import { storeReports } from './lib/store-reports.js';
import { fail } from './processes/fail.js';
import { onStop } from './processes/stop-signal.js';

/** One worker process: takes reports from the queue and stores them in the database of the inbox. */
async function main() {
	const config = readConfig(process.env);
	const inbox = readInboxConfig(process.env);
	const log = processLog('worker', inbox.logLevel);
	const rabbit = connect(rabbitmqUrls(config), `worker ${process.pid}`, log);
	const queues = queuesOf(config);
	let database: Database | undefined;
	let consuming: Consuming | undefined;
	onStop(async () => {
		await consuming?.stop();
		rabbit.unsafeDestroy();
		await database?.close();
		log.info('stopped');
	});

	database = await openWhenAvailable(inbox, log);
	await prepareQueues(rabbit, queues.all);
	const store = storeReports(new ReportRepository(database), log);
	consuming = consumeReports(rabbit, queues.reports, store, config, log);
}

void main().catch(fail);
