import type express from 'express';
import type { Handler } from 'mm7-delivery-reports';
import type { ReportRepository, Stored } from './reports/report-repository.js';

/** The request of a report; `stored` says afterwards what became of it. */
export type ReportRequest = express.Request & { stored?: Stored };

/**
 * The handler: returns, and so has the report acknowledged, once the report is on the disk. Where the database fails
 * the error goes through, and the provider sends the report again.
 *
 * @param onStored - called for each report that is new
 */
export function receiveReport(reports: ReportRepository, onStored: () => void): Handler<ReportRequest> {
	return async function storeReport(report, req) {
		req.stored = await reports.add(report, req.mm7Envelope?.xml ?? '');
		if (req.stored !== 'duplicate') onStored();
	};
}
