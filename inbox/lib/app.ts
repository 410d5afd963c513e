import type { Socket } from 'node:net';
import express, { type Express } from 'express';
import { mm7DeliveryReports } from 'mm7-delivery-reports';
import type { Logger } from 'pino';
import type { Config } from './config.js';
import { watchHealth } from './operations/health.js';
import { makeMetrics } from './operations/metrics.js';
import { makeAccess } from './page/access.js';
import { failureHandler } from './page/failures.js';
import { makePulseStream } from './page/pulse.js';
import { pageFiles, pageRoutes } from './page/routes.js';
import { securityHeaders } from './page/security-headers.js';
import { removeForwardedPorts } from './receiver/forwarded-addresses.js';
import { watchHttpErrors } from './receiver/http-errors.js';
import { authenticateProvider } from './receiver/provider-access.js';
import { type ReportRequest, receiveReport } from './receiver/receive-report.js';
import { watchExchanges } from './receiver/watch-exchanges.js';
import { wrongPath } from './receiver/wrong-path.js';
import type { Database } from './store/database.js';
import { watchChanges } from './store/read/changes.js';
import { pulseReader } from './store/read/read-pulse.js';
import { ReportRepository } from './store/report-repository.js';
import { keepForDays } from './store/retention.js';
import { UnreadableRepository } from './store/unreadable-repository.js';

/**
 * `/mm7` and everything below it. Dot segments, escapes and doubled slashes are excluded: proxies resolve them before
 * they apply their rules, so `/mm7/../x` would reach the receiver past a rule for `/mm7`.
 */
const RECEIVER_PATH = /^\/mm7(?:\/[\w~-][\w.~-]*)*\/?$/;

/** The inbox, ready to be served. */
export interface Inbox {
	readonly app: Express;
	/** Has to listen to the event `clientError` of the server. */
	readonly onClientError: (error: Error, socket: Socket) => void;
	/** What opens the page, from the root: `/`, or `/?token=…`. */
	readonly pagePath: string;
	/** Ends the streams of the pages; a server cannot close while they are open. */
	endStreams(): void;
	/** Settles when all that follows the answers is done, and the database may be closed. */
	finished(): Promise<void>;
}

/** Puts the inbox together. */
export function makeInbox(config: Config, watched: Database, log: Logger): Inbox {
	const health = watchHealth(watched);
	const { database } = health;
	const reports = new ReportRepository(database);
	const unreadable = new UnreadableRepository(database);
	const pulse = makePulseStream(pulseReader(database, health.canStore), log);
	const access = makeAccess(config.page);
	const changes = watchChanges(database, log, () => pulse.viewers() > 0, pulse.changed);
	const metrics = makeMetrics(pulse.viewers);
	const watch = watchExchanges(log, metrics, unreadable, pulse.changed);
	const retention = keepForDays(
		{ days: config.retentionDays, trustClock: config.retentionTrustClock },
		reports,
		unreadable,
		log,
	);

	const httpErrors = watchHttpErrors(log, metrics, config.requireHostHeader);

	const app = express();
	app.disable('x-powered-by');
	// nginx's `location /mm7` is case-sensitive as well, so no other spelling gets past a rule there
	app.enable('case sensitive routing');
	if (config.trustProxy !== undefined) app.set('trust proxy', config.trustProxy);

	app.use(httpErrors.handler, removeForwardedPorts);
	const receive = receiveReport(reports, pulse.changed);
	app.use(
		RECEIVER_PATH,
		mm7DeliveryReports<ReportRequest>(receive, {
			readReplies: receive,
			authenticate: authenticateProvider(config.mm7),
			...(config.mm7AllowFrom && { allowFrom: config.mm7AllowFrom }),
			onExchange: watch.onExchange,
		}),
	);
	app.use(wrongPath(log, metrics));
	app.get('/healthz', health.handler);
	app.use(securityHeaders(), pageFiles(), access.handler);
	app.get('/metrics', async (_req, res) => {
		res.type(metrics.registry.contentType).send(await metrics.registry.metrics());
	});
	app.use(pageRoutes(database, pulse, config.mm7?.user), failureHandler(log));

	return {
		app,
		onClientError: httpErrors.onClientError,
		pagePath: access.path,
		endStreams: pulse.close,
		async finished() {
			changes.close();
			await Promise.all([reports.finished(), watch.finished(), changes.finished(), retention.stop()]);
		},
	};
}
