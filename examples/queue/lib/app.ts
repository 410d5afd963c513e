import express, { type Express } from 'express';
import { basicAuth, type Handler, mm7DeliveryReports } from 'mm7-delivery-reports';
import type { Logger } from 'pino';
import type { Connection } from 'rabbitmq-client';
import type { Config as InboxConfig } from '../../../inbox/lib/config.js';
import { logExchange } from '../../../inbox/lib/receiver/watch-exchanges.js';

/** Who may send reports, in the words of the inbox. */
export type AccessConfig = Pick<InboxConfig, 'mm7' | 'mm7AllowFrom' | 'trustProxy'>;

/**
 * Makes the application of a receiver: reports at /mm7, and at /healthz whether reports can be stored, for the load
 * balancer in front of several machines.
 *
 * @param handlerTimeout - milliseconds, see the option of `mm7DeliveryReports`
 */
export function createApp(
	handler: Handler,
	rabbit: Pick<Connection, 'ready'>,
	access: AccessConfig,
	handlerTimeout: number,
	log: Logger,
): Express {
	const app = express();
	app.disable('x-powered-by');
	if (access.trustProxy !== undefined) app.set('trust proxy', access.trustProxy);
	app.use(
		'/mm7',
		mm7DeliveryReports(handler, {
			handlerTimeout,
			authenticate: access.mm7 && basicAuth({ [access.mm7.user]: access.mm7.password }),
			...(access.mm7AllowFrom && { allowFrom: access.mm7AllowFrom }),
			onExchange: (exchange) => logExchange(log, exchange),
		}),
	);
	app.get('/healthz', (_req, res) => {
		res
			.status(rabbit.ready ? 200 : 503)
			.set('Cache-Control', 'no-store')
			.json({ status: rabbit.ready ? 'ok' : 'RabbitMQ takes no messages' });
	});
	return app;
}
