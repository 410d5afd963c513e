import type express from 'express';
import type { DeliveryReport, HandlerContext, ReadReply } from 'mm7-delivery-reports';
import type { ReportRepository, StoreResult } from '../store/report-repository.js';

/** Handles reports, and read replies in the same way. */
export type ReceiveReport = (
	report: DeliveryReport | ReadReply,
	req: ReportRequest,
	context: HandlerContext,
) => Promise<void>;

/** The request of a report; `stored` says afterwards what became of it. */
export type ReportRequest = express.Request & { stored?: StoreResult };

/**
 * The handler: returns, and so has the report acknowledged, once the report is on the disk. Where the database fails
 * the error goes through, and the provider sends the report again.
 *
 * @param onStored - called for each report that is new
 */
export function receiveReport(reports: ReportRepository, onStored: () => void): ReceiveReport {
	return async function storeReport(report, req, { signal }) {
		const { result } = await reports.store(report, { xml: req.mm7Envelope?.xml, signal });
		req.stored = result;
		if (result !== 'duplicate') onStored();
	};
}
