import express, { type Express } from 'express';
import { basicAuth, mm7DeliveryReports } from 'mm7-delivery-reports';
import type { Logger } from 'pino';
import type { Config } from './config.js';
import { health } from './operations/health.js';
import { makeMetrics } from './operations/metrics.js';
import { makeAccess } from './page/access.js';
import { failureHandler } from './page/failures.js';
import { makePulseStream } from './page/pulse.js';
import { pageFiles, pageRoutes } from './page/routes.js';
import { securityHeaders } from './page/security-headers.js';
import { type ReportRequest, receiveReport } from './receiver/receive-report.js';
import { watchExchanges } from './receiver/watch-exchanges.js';
import type { Database } from './store/database.js';
import { watchChanges } from './store/read/changes.js';
import { pulseReader } from './store/read/read-pulse.js';
import { ReportRepository } from './store/report-repository.js';
import { keepForDays } from './store/retention.js';
import { UnreadableRepository } from './store/unreadable-repository.js';

/** The inbox, ready to be served. */
export interface Inbox {
	readonly app: Express;
	/** What opens the page, from the root: `/`, or `/?token=…`. */
	readonly pagePath: string;
	/** Ends the streams of the pages; a server cannot close while they are open. */
	endStreams(): void;
	/** Settles when all that follows the answers is done, and the database may be closed. */
	finished(): Promise<void>;
}

/** Puts the inbox together. */
export function makeInbox(config: Config, database: Database, log: Logger): Inbox {
	const reports = new ReportRepository(database);
	const unreadable = new UnreadableRepository(database);
	const pulse = makePulseStream(pulseReader(database), log);
	const access = makeAccess(config.page);
	const changes = watchChanges(database, log, () => pulse.viewers() > 0, pulse.changed);
	const metrics = makeMetrics(pulse.viewers);
	const watch = watchExchanges(log, metrics, unreadable, pulse.changed);
	const retention = keepForDays(config.retentionDays, reports, unreadable, log);

	const app = express();
	app.disable('x-powered-by');
	if (config.trustProxy !== undefined) app.set('trust proxy', config.trustProxy);

	const receive = receiveReport(reports, pulse.changed);
	app.use(
		'/mm7',
		mm7DeliveryReports<ReportRequest>(receive, {
			readReplies: receive,
			authenticate: config.mm7 && basicAuth({ [config.mm7.user]: config.mm7.password }),
			allowFrom: config.mm7AllowFrom,
			onExchange: watch.onExchange,
		}),
	);
	app.post('/', (_req, res) => {
		res.status(404).type('text/plain').send('Delivery reports are received at /mm7: POST them there.\n');
	});
	app.get('/healthz', health(database));
	app.use(securityHeaders(), pageFiles(), access.handler);
	app.get('/metrics', async (_req, res) => {
		res.type(metrics.registry.contentType).send(await metrics.registry.metrics());
	});
	app.use(pageRoutes(database, pulse, config.mm7?.user), failureHandler(log));

	return {
		app,
		pagePath: access.path,
		endStreams: pulse.close,
		async finished() {
			changes.close();
			await Promise.all([reports.finished(), watch.finished(), changes.finished(), retention.stop()]);
		},
	};
}
