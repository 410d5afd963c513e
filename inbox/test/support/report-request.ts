import { type DeliveryReport, parseDeliveryReport, parseReadReply, type ReadReply } from 'mm7-delivery-reports';
import {
	type DeliveryReportFields,
	type DeliveryReportRequest,
	deliveryReportRequest,
	parseResponse,
	type ReadReplyFields,
	readReplyRequest,
} from 'mm7-delivery-reports/testing';

/** The fields of a report that a test sets. */
export type ReportFields = DeliveryReportFields;

let transactions = 0;

/** Makes a provider's request. By default, each report is a new one about the same message. */
export function reportRequest(fields: ReportFields = {}): DeliveryReportRequest {
	return deliveryReportRequest({ transactionId: `t${++transactions}`, ...fields });
}

/** Makes a report as the handler receives it. */
export function report(fields: ReportFields = {}): Promise<DeliveryReport> {
	const { body, headers } = reportRequest(fields);
	return parseDeliveryReport(body, headers);
}

/** Makes a read reply as the handler receives it. */
export function readReply(fields: ReadReplyFields = {}): Promise<ReadReply> {
	const { body, headers } = readReplyRequest({ transactionId: `t${++transactions}`, ...fields });
	return parseReadReply(body, headers);
}

/** Makes the SOAP message of a report. */
export function reportXml(fields: ReportFields = {}): string {
	return reportRequest(fields).body.toString();
}

/** Makes the SOAP message of a read reply. */
export function readReplyXml(fields: ReadReplyFields = {}): string {
	return readReplyRequest({ transactionId: `t${++transactions}`, ...fields }).body.toString();
}

/**
 * Sends a report like a provider.
 *
 * @param url - the inbox
 * @param path - of the receiver
 * @returns the HTTP status, and the StatusCode if there is one
 */
export async function sendReport(
	url: string,
	body: string | Uint8Array<ArrayBuffer>,
	headers: Record<string, string> = {},
	path = '/mm7',
): Promise<{ httpStatus: number; statusCode: number | undefined }> {
	const response = await fetch(`${url}${path}`, {
		method: 'POST',
		headers: { 'Content-Type': 'text/xml; charset=utf-8', ...headers },
		body,
	});
	return { httpStatus: response.status, statusCode: parseResponse(await response.text()).statusCode };
}
