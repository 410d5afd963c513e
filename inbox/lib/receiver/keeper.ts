import type express from 'express';
import type { DeliveryReport, ReadReply } from 'mm7-delivery-reports';
import type { RefusalRepository, Refusals } from '../store/refusal-repository.js';
import type { ReportRepository, StoreResult } from '../store/report-repository.js';

/** What happened to a report. A queued one is durable, and a worker will store it. */
export type Outcome = StoreResult | 'queued';

/** The request of a report; `stored` is its outcome, once that is known. */
export type ReportRequest = express.Request & { stored?: Outcome };

/** Makes received requests durable: in the database, or in the queue in front of it. */
export interface Keeper {
	/**
	 * Settles when the report is durable.
	 *
	 * @param provider - its name
	 * @param signal - aborted once the provider has been asked to retry
	 */
	keepReport(
		report: DeliveryReport | ReadReply,
		req: ReportRequest,
		provider: string,
		signal: AbortSignal,
	): Promise<Outcome>;
	/** Keeps the counts of refused requests, and some of these as examples. */
	keepRefusals(refusals: Refusals): Promise<void>;
}

/**
 * Makes a keeper that writes to the database.
 *
 * @param onNews - called after each write of something new
 */
export function keepInDatabase(
	{ reports, refusals }: { readonly reports: ReportRepository; readonly refusals: RefusalRepository },
	onNews: () => void,
): Keeper {
	return {
		async keepReport(report, req, provider, signal) {
			const { result } = await reports.store(report, { provider, xml: req.mm7Envelope?.xml, signal });
			if (result !== 'duplicate') onNews();
			return result;
		},
		async keepRefusals(batch) {
			await refusals.add(batch);
			onNews();
		},
	};
}
