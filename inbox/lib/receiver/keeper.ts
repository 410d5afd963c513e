import type express from 'express';
import type { DeliveryReport, Exchange, ReadReply } from 'mm7-delivery-reports';
import type { ReportRepository, StoreResult } from '../store/report-repository.js';
import type { UnreadableRepository } from '../store/unreadable-repository.js';

/** What happened to a report. A queued one is durable; a worker will store it. */
export type Outcome = StoreResult | 'queued';

/** The request of a report; `stored` says afterwards what happened to it. */
export type ReportRequest = express.Request & { stored?: Outcome };

/** Keeps what the receiver receives: in the database, or in the queue before it. */
export interface Keeper {
	/**
	 * Settles when the report is durable.
	 *
	 * @param signal - aborted when the provider has been told to send the report again
	 */
	keepReport(report: DeliveryReport | ReadReply, req: ReportRequest, signal: AbortSignal): Promise<Outcome>;
	/** Keeps a request that could not be read as a report. */
	keepUnreadable(exchange: Exchange, req: ReportRequest): Promise<void>;
}

/**
 * Makes a keeper that stores.
 *
 * @param onNews - called after everything new
 */
export function keepInDatabase(
	{ reports, unreadable }: { readonly reports: ReportRepository; readonly unreadable: UnreadableRepository },
	onNews: () => void,
): Keeper {
	return {
		async keepReport(report, req, signal) {
			const { result } = await reports.store(report, { xml: req.mm7Envelope?.xml, signal });
			if (result !== 'duplicate') onNews();
			return result;
		},
		async keepUnreadable(exchange, req) {
			await unreadable.add(exchange, { remoteAddress: req.ip, contentType: req.headers['content-type'] });
			onNews();
		},
	};
}
