import type { Socket } from 'node:net';
import express, { type Express } from 'express';
import { makeApi } from './api/api.js';
import type { Config } from './config.js';
import { startForwarder } from './forward/forwarder.js';
import { recordOverdueEvents } from './forward/overdue-events.js';
import type { Logger } from './log.js';
import { healthHandler, watchHealth } from './operations/health.js';
import { makeMetrics } from './operations/metrics.js';
import { makeAccess } from './page/access.js';
import { eraseNumber } from './page/erase.js';
import { failureHandler } from './page/failures.js';
import { makeLivePage } from './page/live-page.js';
import { readRefusedAgain } from './page/read-again.js';
import { pageFiles } from './page/routes.js';
import { sameOriginOnly } from './page/same-origin.js';
import { securityHeaders } from './page/security-headers.js';
import { sendAgain } from './page/send-again.js';
import { sendTestReport } from './page/test-report.js';
import type { StartOptions } from './page/views/notices.js';
import type { Queue } from './queue/queue.js';
import { storeRequests } from './queue/store-requests.js';
import { removeForwardedPorts, warnOfUntrustedProxy } from './receiver/forwarded-addresses.js';
import { watchHttpErrors } from './receiver/http-errors.js';
import { keepInDatabase } from './receiver/keeper.js';
import { makeReceiver } from './receiver/receiver.js';
import { countRefusals } from './receiver/refusals.js';
import type { Role } from './roles.js';
import type { Database } from './store/database.js';
import { erasureIn } from './store/erasure.js';
import { maskNumbers } from './store/masking.js';
import { Outbox } from './store/outbox.js';
import { findMessages } from './store/read/find-messages.js';
import { refusedQueries } from './store/read/refused.js';
import { readAgainWith } from './store/read-again.js';
import { RefusalRepository } from './store/refusal-repository.js';
import { ReportRepository } from './store/report-repository.js';
import { keepForDays } from './store/retention.js';

/** The parts from which an inbox is made. */
export interface Services {
	/** Default: all of them. */
	readonly role?: Role | undefined;
	/** Absent in the role `receive`. */
	readonly database?: Database | undefined;
	/** Absent in the role `page`, and without RABBITMQ_URL. */
	readonly queue?: Queue | undefined;
}

/** The inbox, ready to be served. */
export interface Inbox {
	readonly app: Express;
	/** Listener for the server's event `clientError`. */
	readonly onClientError: (error: Error, socket: Socket) => void;
	/** The path that opens the page: `/`, or `/?token=…`. */
	readonly pagePath: string;
	/** Ends the event streams of open pages; a server cannot close before. */
	endStreams(): void;
	/** Settles when all work after the responses is done, so the database and the queue can be closed. */
	finished(): Promise<void>;
}

/** Assembles the inbox. */
export function makeInbox(config: Config, { role, database, queue }: Services, log: Logger): Inbox {
	const runs = (part: Role) => role === undefined || role === part;
	const health = database && watchHealth(database, (failure) => metrics.writeFailed(failure));
	/** The database as people and applications see it. */
	const shown = (all: Database) => (config.masksNumbers ? maskNumbers(all) : all);
	const store = health && {
		reports: new ReportRepository(health.database, {
			sendingSubmissionDates: config.providers.filter((one) => one.dateIsSubmission).map(({ name }) => name),
		}),
		refusals: new RefusalRepository(health.database),
		outbox: new Outbox(shown(health.database)),
	};
	const access = makeAccess(config.page, config.pageToken);
	const [ownProvider] = config.providers;
	const start: StartOptions = {
		mm7User: ownProvider?.credentials?.user,
		receives: runs('receive'),
		// this machine may not be among the allowed addresses
		canTest: runs('receive') && !ownProvider?.allowFrom,
	};
	const { overdueAfterMs } = config;
	const messages = health && findMessages(shown(health.database), { overdueAfterMs });
	const page =
		health && runs('page')
			? makeLivePage(shown(health.database), health.canStore, start, log, overdueAfterMs)
			: undefined;
	const onNews = () => {
		page?.pulse.changed();
		work?.forwarder?.nudge();
	};
	const metrics = makeMetrics({
		viewers: () => page?.pulse.viewers() ?? 0,
		canStore: health?.canStore,
		lastArrivals: store?.reports
			.newestByProvider(
				config.providers.map(({ name }) => name),
				new Date(),
			)
			.catch((err) => {
				log.warn({ err }, 'failed to read when the last reports arrived');
				return undefined;
			}),
		logBytes: database?.logBytes,
		pendingEvents: store && (() => store.outbox.pending()),
		dataDir: database && config.databaseUrl === undefined ? config.dataDir : undefined,
		overdue: messages && overdueAfterMs && runs('page') ? (kind) => messages.count({ overdue: kind }) : undefined,
	});
	const keeper = queue ?? (store && keepInDatabase(store, onNews));
	const refusals = keeper && runs('receive') ? countRefusals(keeper.keepRefusals, metrics, log) : undefined;
	const receiver = keeper && refusals ? makeReceiver(config, keeper, metrics, refusals, log) : undefined;
	const again = store && health && readAgainWith(refusedQueries(health.database), store.refusals, store.reports);
	const work = store && runs('work') ? startWork(store) : undefined;

	function startWork({ reports, refusals, outbox }: NonNullable<typeof store>) {
		const { retentionDays: days, retentionTrustClock: trustClock } = config;
		const retention = keepForDays({ days, trustClock }, reports, refusals, log);
		const stopped = new AbortController();
		const reading = again
			?.logReadable(log, stopped.signal)
			.catch((err) => log.warn({ err }, 'failed to read refused requests again'));
		const handle = storeRequests({ reports, refusals }, log, (report, result, provider) => {
			metrics.storedFromQueue(report, result, provider);
			onNews();
		});
		const consuming = queue?.consume(handle);
		const forwarder =
			typeof config.forward === 'object'
				? startForwarder(outbox, config.forward, log, metrics.eventGivenUp)
				: undefined;
		const overdueEvents =
			forwarder && overdueAfterMs !== undefined
				? recordOverdueEvents(outbox, overdueAfterMs, log, forwarder.nudge)
				: undefined;
		return {
			forwarder,
			stop() {
				stopped.abort();
				return Promise.all([consuming?.stop(), retention.stop(), reading, forwarder?.stop(), overdueEvents?.stop()]);
			},
		};
	}

	const httpErrors = watchHttpErrors(log, metrics, config.requireHostHeader, refusals);
	const app = express();
	app.locals['isDemo'] = config.isDemo;
	app.locals['hasOverdue'] = overdueAfterMs !== undefined;
	app.locals['operators'] = config.operators;
	app.disable('x-powered-by');
	// nothing is cached, and hashing each page takes longer than sending it
	app.disable('etag');
	app.enable('case sensitive routing');
	if (config.trustProxy !== undefined) app.set('trust proxy', config.trustProxy);

	app.use(httpErrors.handler, removeForwardedPorts, warnOfUntrustedProxy(log));
	// before the receiver, which rejects every other POST
	const erasure = health && erasureIn(health.database);
	if (health && store && erasure && runs('page')) {
		app.use('/api', makeApi(shown(health.database), { ...store, erasure, onNews }, config, log));
	}
	const form = [securityHeaders(), access.handler, sameOriginOnly];
	if (page && start.canTest) app.post('/test-report', form, sendTestReport(ownProvider?.credentials));
	if (page && again) app.post('/read-again', form, readRefusedAgain(again, onNews));
	if (page && store) app.post('/send-again', form, sendAgain(store.outbox, onNews));
	if (page && erasure) app.post('/erase', form, eraseNumber(erasure, log, onNews));
	if (receiver) app.use(receiver);
	else
		app.use('/mm7', (_req, res) => void res.status(404).type('text').send('This process does not receive reports\n'));
	app.get(
		'/healthz',
		healthHandler({
			...(health && { 'reports cannot be stored': health.canStore }),
			...(queue && { 'RabbitMQ does not accept messages': queue.isReady }),
		}),
	);
	app.use(securityHeaders(), pageFiles(), access.handler);
	app.get('/metrics', async (_req, res) => {
		res.type(metrics.registry.contentType).send(await metrics.registry.metrics());
	});
	if (page) app.use(page.router);
	app.use(failureHandler(log));

	return {
		app,
		onClientError: httpErrors.onClientError,
		pagePath: access.path,
		endStreams: () => page?.pulse.close(),
		async finished() {
			await Promise.all([refusals?.finished(), work?.stop(), page?.finished()]);
			await store?.reports.finished();
		},
	};
}
