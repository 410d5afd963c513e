import express, { type Express } from 'express';
import { type Exchange, type Handler, mm7DeliveryReports } from 'mm7-delivery-reports';
import type { Connection } from './connection.js';

/**
 * Makes the application of a receiver: reports at /mm7, and at /health whether reports can be stored, for the load
 * balancer in front of several machines.
 *
 * @param handlerTimeout - milliseconds, see the option of `mm7DeliveryReports`
 */
export function createApp(handler: Handler, connection: Pick<Connection, 'isUp'>, handlerTimeout: number): Express {
	const app = express();
	app.use('/mm7', mm7DeliveryReports(handler, { handlerTimeout, onExchange: logRefused }));
	app.get('/health', (_req, res) => {
		res.status(connection.isUp ? 200 : 503).json({ nats: connection.isUp ? 'connected' : 'away' });
	});
	return app;
}

function logRefused({ error, httpStatus, report, late }: Exchange): void {
	if (!error) return;
	const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
	const answer = late ? 'finished after its answer' : `answered ${httpStatus}`;
	console.error(`receiver ${process.pid} ${report?.messageId ?? 'unreadable'} ${answer}, ${error.code}${cause}`);
}
