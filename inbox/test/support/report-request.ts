import { type DeliveryReport, parseDeliveryReport } from 'mm7-delivery-reports';
import {
	type DeliveryReportFields,
	type DeliveryReportRequest,
	deliveryReportRequest,
	parseAnswer,
	type ReadReplyFields,
	readReplyRequest,
} from 'mm7-delivery-reports/testing';

/** What a test says about a report. */
export type ReportFields = DeliveryReportFields;

let transactions = 0;

/** The request of a provider; without further ado a report is about the same message as the others, but is another. */
export function reportRequest(fields: ReportFields = {}): DeliveryReportRequest {
	return deliveryReportRequest({ transactionId: `t${++transactions}`, ...fields });
}

/** The same as the handler gets it. */
export function report(fields: ReportFields = {}): Promise<DeliveryReport> {
	const { body, headers } = reportRequest(fields);
	return parseDeliveryReport(body, headers);
}

/** The SOAP message of a report. */
export function reportXml(fields: ReportFields = {}): string {
	return reportRequest(fields).body.toString();
}

/** The SOAP message of a read reply. */
export function readReplyXml(fields: ReadReplyFields = {}): string {
	return readReplyRequest({ transactionId: `t${++transactions}`, ...fields }).body.toString();
}

/**
 * Sends a report as a provider does.
 *
 * @param url - of the inbox
 * @returns the HTTP status, and the StatusCode where there is one
 */
export async function sendReport(
	url: string,
	body: string | Uint8Array<ArrayBuffer>,
	headers: Record<string, string> = {},
): Promise<{ httpStatus: number; statusCode: number | undefined }> {
	const response = await fetch(`${url}/mm7`, {
		method: 'POST',
		headers: { 'Content-Type': 'text/xml; charset=utf-8', ...headers },
		body,
	});
	return { httpStatus: response.status, statusCode: parseAnswer(await response.text()).statusCode };
}
