import type express from 'express';
import type { DeliveryReport, Exchange, ReadReply } from 'mm7-delivery-reports';
import type { ReportRepository, StoreResult } from '../store/report-repository.js';
import type { UnreadableRepository } from '../store/unreadable-repository.js';

/** What happened to a report. A queued one is durable, and a worker will store it. */
export type Outcome = StoreResult | 'queued';

/** The request of a report; `stored` is its outcome, once that is known. */
export type ReportRequest = express.Request & { stored?: Outcome };

/** Makes received requests durable: in the database, or in the queue in front of it. */
export interface Keeper {
	/**
	 * Settles when the report is durable.
	 *
	 * @param signal - aborted once the provider has been asked to retry
	 */
	keepReport(report: DeliveryReport | ReadReply, req: ReportRequest, signal: AbortSignal): Promise<Outcome>;
	/** Keeps a request that could not be parsed as a report. */
	keepUnreadable(exchange: Exchange, req: ReportRequest): Promise<void>;
}

/**
 * Makes a keeper that writes to the database.
 *
 * @param onNews - called after each write of something new
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
