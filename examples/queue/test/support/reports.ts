import { type DeliveryReport, parseDeliveryReport } from 'mm7-delivery-reports';
import { type ReportFields, reportFields, requestXml } from './requests.js';

/** A report as the middleware hands it to the handler. */
export function reportOf(index: number, overrides: Partial<ReportFields> = {}): Promise<DeliveryReport> {
	return parseDeliveryReport(requestXml(reportFields(index, overrides)), { 'content-type': 'text/xml' });
}
