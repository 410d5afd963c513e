import { type DeliveryReport, parseDeliveryReport } from 'mm7-delivery-reports';
import { deliveryReportRequest } from 'mm7-delivery-reports/testing';
import { type ReportFields, reportFields } from './report-fields.js';

/** A report as the middleware hands it to the handler. */
export function reportOf(index: number, overrides: Partial<ReportFields> = {}): Promise<DeliveryReport> {
	const { body, headers } = deliveryReportRequest(reportFields(index, overrides));
	return parseDeliveryReport(body, headers);
}
