import { deliveryReportRequest } from 'mm7-delivery-reports/testing';

/** The forms in which the same report is sent. */
export const FORMS = /** @type {const} */ (['xml', 'bare', 'multipart']);

/** @typedef {typeof FORMS[number]} Form */

/** Fixed length, so that all requests are the same bytes except for their ids. */
const FIRST_ID = '10000000';

const REPORT = {
	transactionId: FIRST_ID,
	mmsRelayServerId: 'relay.example.net',
	messageId: `4800000000${FIRST_ID}`,
	statusText: 'Success, the message was retrieved by the handset',
	uaCapabilities: { uaProf: 'http://uaprof.example.net/handset/model-r1.xml', timeStamp: '2026-03-16T14:03:50Z' },
};

/**
 * A whole HTTP request, and the offsets of its ids.
 *
 * @param {Form} form
 */
export function requestTemplate(form) {
	const { headers, body } = deliveryReportRequest(REPORT, { form });
	const lines = Object.entries({ Host: 'bench.example.net', ...headers, 'Content-Length': Buffer.byteLength(body) });
	const head = ['POST /mm7 HTTP/1.1', ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
	const text = head + body;
	const idOffsets = Array.from(text.matchAll(RegExp(FIRST_ID, 'g')), ({ index }) => index);
	return { bytes: Buffer.from(text, 'latin1'), idOffsets };
}

/** The TransactionID of the nth request. @param {number} n */
export function transactionId(n) {
	return String(Number(FIRST_ID) + n);
}
