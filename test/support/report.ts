import { escapeXml } from '../../lib/xml/escape.js';

export const NAMESPACE = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4';

/** The elements of a report by name; `undefined` leaves one out. */
export interface ReportElements {
	readonly transactionId?: string | undefined;
	readonly operation?: string;
	readonly namespace?: string;
	readonly elements?: Readonly<Record<string, string | undefined>>;
}

const ELEMENTS = {
	MM7Version: '6.8.0',
	MessageID: '480000000000000001',
	Recipient: '<Number>12015550123</Number>',
	Sender: '<Number>54321</Number>',
	Date: '2026-03-16T14:03:51.749Z',
	MMStatus: 'Retrieved',
	StatusText: 'Success',
};

/** A delivery report as XML; the contents of elements are markup, the TransactionID is text. */
export function reportXml(report: ReportElements = {}): string {
	const { operation = 'DeliveryReportReq', namespace = NAMESPACE } = report;
	const transactionId = 'transactionId' in report ? report.transactionId : '20260001';
	const elements = Object.entries({ ...ELEMENTS, ...report.elements })
		.filter(([, content]) => content !== undefined)
		.map(([name, content]) => `<${name}>${content}</${name}>`);
	const header =
		transactionId === undefined
			? ''
			: `<env:Header><TransactionID env:mustUnderstand="1">${escapeXml(transactionId)}</TransactionID></env:Header>`;
	return (
		'<?xml version="1.0" encoding="UTF-8"?>' +
		`<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/" xmlns="${namespace}">${header}` +
		`<env:Body><${operation}>${elements.join('')}</${operation}></env:Body></env:Envelope>`
	);
}

/** The same report as a multipart/related body with one attachment. */
export function multipart(xml: string, boundary = 'part-5'): { headers: Record<string, string>; body: Buffer } {
	return {
		headers: { 'Content-Type': `multipart/related; type="text/xml"; start="<root>"; boundary="${boundary}"` },
		body: Buffer.from(
			`--${boundary}\r\nContent-Type: text/xml; charset=utf-8\r\nContent-ID: <root>\r\n\r\n${xml}\r\n` +
				`--${boundary}\r\nContent-Type: image/png\r\n\r\nno picture\r\n--${boundary}--\r\n`,
		),
	};
}
