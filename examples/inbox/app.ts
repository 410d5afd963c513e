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
import { reportRepository } from './reports/report-repository.js';
import { unreadableRepository } from './reports/unreadable-repository.js';
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
export async function makeInbox(config: Config, database: Database, log: Logger): Promise<Inbox> {
	const reports = reportRepository(database);
	const unreadable = unreadableRepository(database);
	const events = makeEvents(() => readOverview(reports, unreadable), log);
	const changes = await watchChanges(database, log, events.changed);
	const metrics = makeMetrics(events.viewers);
	const watch = watchExchanges(log, metrics, unreadable, changes.announce);

	const app = express();
	app.disable('x-powered-by');
	if (config.trustProxy !== undefined) app.set('trust proxy', config.trustProxy);

	app.use(
		'/mm7',
		mm7DeliveryReports<ReportRequest>(receiveReport(reports, changes.announce), {
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
			await watch.finished();
			await changes.finished();
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
