import { type DeliveryReport, parseDeliveryReport } from 'mm7-delivery-reports';

/** What a test says about a report; the rest is filled in. */
export interface ReportFields {
	readonly transactionId?: string;
	readonly messageId?: string;
	readonly recipient?: string;
	readonly sender?: string;
	readonly date?: string;
	readonly mmStatus?: string;
	readonly statusText?: string;
	/** XML behind the other elements. */
	readonly more?: string;
}

let transactions = 0;

/** A DeliveryReportReq as Sinch sends it. Texts have to be XML already; each report has a TransactionID of its own. */
export function reportXml({
	transactionId = `t${++transactions}`,
	messageId = '480000000000000001',
	recipient = '12015550123',
	sender = '54321',
	date = '2026-03-16T14:03:51.749Z',
	mmStatus = 'Retrieved',
	statusText = 'Success',
	more = '',
}: ReportFields = {}): string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/"
	xmlns="http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4">
<soap-env:Header><TransactionID soap-env:mustUnderstand="1">${transactionId}</TransactionID></soap-env:Header>
<soap-env:Body><DeliveryReportReq>
<MM7Version>6.8.0</MM7Version>
<MessageID>${messageId}</MessageID>
<Recipient><Number>${recipient}</Number></Recipient>
<Sender><Number>${sender}</Number></Sender>
<Date>${date}</Date>
<MMStatus>${mmStatus}</MMStatus>
<StatusText>${statusText}</StatusText>${more}
</DeliveryReportReq></soap-env:Body></soap-env:Envelope>`;
}

/** The same as the handler gets it. */
export function report(fields: ReportFields = {}): Promise<DeliveryReport> {
	return parseDeliveryReport(reportXml(fields), { 'content-type': 'text/xml' });
}

/**
 * Sends a report as a provider does.
 *
 * @param url - of the inbox
 * @returns the HTTP status, and the StatusCode where there is one
 */
export async function sendReport(
	url: string,
	xml: string,
	headers: Record<string, string> = {},
): Promise<{ httpStatus: number; statusCode: number | undefined }> {
	const response = await fetch(`${url}/mm7`, {
		method: 'POST',
		headers: { 'Content-Type': 'text/xml; charset=utf-8', ...headers },
		body: xml,
	});
	const [, code] = /<StatusCode>(\d+)</.exec(await response.text()) ?? [];
	return { httpStatus: response.status, statusCode: code === undefined ? undefined : Number(code) };
}
