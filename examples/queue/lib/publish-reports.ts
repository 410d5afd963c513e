import { duplicateKey, type Handler } from 'mm7-delivery-reports';
import type { ConfirmedPublisher } from './confirmed-publisher.js';
import { REPORTS } from './queues.js';
import { encodeReport } from './report-message.js';

/**
 * Makes the handler of the receivers: it succeeds once a majority of the RabbitMQ nodes has the report on disk, and only
 * then the provider is told 1000. Where it fails the provider sends the report again.
 *
 * @param timeout - milliseconds
 */
export function publishReports(publisher: Pick<ConfirmedPublisher, 'publish'>, timeout: number): Handler {
	return async function publishReport(report, req) {
		const key = duplicateKey(report);
		const body = encodeReport({ key, report, xml: req.mm7Envelope?.xml ?? '' });
		await publisher.publish(REPORTS, key, body, timeout);
	};
}
