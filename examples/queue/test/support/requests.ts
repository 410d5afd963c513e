/** What a test says about a report. */
export interface ReportFields {
	readonly transactionId: string;
	readonly messageId: string;
	readonly number: string;
	readonly mmStatus: string;
	readonly date: string;
}

/** A report that differs from all others in every id; all ids and numbers are invented. */
export function reportFields(index: number, overrides: Partial<ReportFields> = {}): ReportFields {
	return {
		transactionId: `tx-${index}`,
		messageId: `48${String(index).padStart(16, '0')}`,
		number: `1201555${String(index % 10_000).padStart(4, '0')}`,
		mmStatus: 'Retrieved',
		date: new Date(Date.UTC(2026, 2, 16) + index * 1000).toISOString(),
		...overrides,
	};
}

/** The body of a request as Sinch sends it. */
export function requestXml({ transactionId, messageId, number, mmStatus, date }: ReportFields): string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4">
<soap-env:Header><TransactionID soap-env:mustUnderstand="1">${transactionId}</TransactionID></soap-env:Header>
<soap-env:Body><DeliveryReportReq><MM7Version>6.8.0</MM7Version><MessageID>${messageId}</MessageID>
<Recipient><Number>${number}</Number></Recipient><Sender><Number>54321</Number></Sender>
<Date>${date}</Date><MMStatus>${mmStatus}</MMStatus><StatusText>Success</StatusText>
</DeliveryReportReq></soap-env:Body></soap-env:Envelope>`;
}
