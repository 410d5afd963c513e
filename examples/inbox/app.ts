import express, { type ErrorRequestHandler, type Express } from 'express';
import { basicAuth, mm7DeliveryReports } from 'mm7-delivery-reports';
import type { Logger } from 'pino';
import type { Config } from './config.js';
import type { Database } from './database/database.js';
import { health } from './health.js';
import { makeMetrics } from './metrics.js';
import { restrictAccess } from './page/access.js';
import { watchChanges } from './page/changes.js';
import { makeEvents } from './page/events.js';
import { readOverview } from './page/overview.js';
import { pageRoutes } from './page/routes.js';
import { securityHeaders } from './page/security-headers.js';
import { type ReportRequest, receiveReport } from './receive-report.js';
import { ReportRepository } from './reports/report-repository.js';
import { UnreadableRepository } from './reports/unreadable-repository.js';
import { keepForDays } from './retention.js';
import { watchExchanges } from './watch-exchanges.js';

/** The inbox, ready to be served. */
export interface Inbox {
	readonly app: Express;
	/** Ends the streams of the pages; a server cannot close while they are open. */
	endStreams(): void;
	/** Settles when all that follows the answers is done, and the database may be closed. */
	finished(): Promise<void>;
}

/** Puts the inbox together. */
export function makeInbox(config: Config, database: Database, log: Logger): Inbox {
	const reports = new ReportRepository(database);
	const unreadable = new UnreadableRepository(database);
	const events = makeEvents(() => readOverview(reports, unreadable), log);
	const changes = watchChanges(database, log, () => events.viewers() > 0, events.changed);
	const metrics = makeMetrics(events.viewers);
	const watch = watchExchanges(log, metrics, unreadable, events.changed);
	const retention = keepForDays(config.retentionDays, reports, unreadable, log);

	const app = express();
	app.disable('x-powered-by');
	if (config.trustProxy !== undefined) app.set('trust proxy', config.trustProxy);

	app.use(
		'/mm7',
		mm7DeliveryReports<ReportRequest>(receiveReport(reports, events.changed), {
			authenticate: config.mm7 && basicAuth({ [config.mm7.user]: config.mm7.password }),
			allowFrom: config.mm7AllowFrom,
			onExchange: watch.onExchange,
		}),
	);
	app.get('/healthz', health(database));
	app.use(securityHeaders(), restrictAccess(config.page));
	app.get('/metrics', async (_req, res) => {
		res.type(metrics.registry.contentType).send(await metrics.registry.metrics());
	});
	app.use(pageRoutes(reports, events), errorHandler(log));

	return {
		app,
		endStreams: events.close,
		async finished() {
			changes.close();
			await Promise.all([reports.finished(), watch.finished(), changes.finished(), retention.stop()]);
		},
	};
}

/** Express would send the stack. */
function errorHandler(log: Logger): ErrorRequestHandler {
	return (err, _req, res, next) => {
		log.error({ err }, 'the page could not be answered');
		if (res.headersSent) next(err);
		else res.status(500).json({ error: 'The database could not be asked' });
	};
}
