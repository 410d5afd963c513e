import { createServer } from 'node:http';
import { makeInbox } from '../../inbox/lib/app.js';
import { readConfig as readInboxConfig } from '../../inbox/lib/config.js';
import { closeServer } from '../../inbox/lib/stop.js';
import { readConfig } from './lib/config.js';
import { processLog } from './lib/log.js';
import { openWhenAvailable } from './lib/open-database.js';
import { fail } from './processes/fail.js';
import { listen } from './processes/listen.js';
import { onStop } from './processes/stop-signal.js';

/** The inbox, which shows what the workers have stored. */
async function main() {
	const config = readConfig(process.env);
	const inboxConfig = readInboxConfig(process.env);
	const log = processLog('page', inboxConfig.logLevel);
	let stop = async () => {};
	onStop(() => stop());

	const database = await openWhenAvailable(inboxConfig, log);
	const inbox = makeInbox(inboxConfig, database, log);
	const server = createServer(inbox.app);
	const port = await listen(server, config.PAGE_PORT, inboxConfig.host);
	stop = async () => {
		inbox.endStreams();
		await closeServer(server);
		await inbox.finished();
		await database.close();
		log.info('stopped');
	};
	const url = `http://${inboxConfig.host}:${port}`;
	// not in the log, for it may hold the token that opens the page
	console.log(`Page with the reports: ${url}${inbox.pagePath}`);
	log.info({ url, database: database.name }, 'shows reports');
}

void main().catch(fail);
