/** The forms in which the same report is sent. */
export const FORMS = /** @type {const} */ (['xml', 'bare', 'multipart']);

/** @typedef {typeof FORMS[number]} Form */

/** Digits of a TransactionID, which also end the MessageID: fixed, so that each request is the same bytes but for these. */
const ID_DIGITS = 8;
const FIRST_ID = '10000000';

/** 1 KB of XML as Sinch writes it: SOAP by prefix, MM7 as default namespace, indented. */
const REPORT = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4">
  <soap-env:Header>
    <TransactionID soap-env:mustUnderstand="1">${FIRST_ID}</TransactionID>
  </soap-env:Header>
  <soap-env:Body>
    <DeliveryReportReq>
      <MM7Version>6.8.0</MM7Version>
      <MMSRelayServerID>relay.example.net</MMSRelayServerID>
      <MessageID>4800000000${FIRST_ID}</MessageID>
      <Recipient>
        <Number>12015550123</Number>
      </Recipient>
      <Sender>
        <ShortCode>54321</ShortCode>
      </Sender>
      <Date>2026-03-16T14:03:51.749Z</Date>
      <MMStatus>Retrieved</MMStatus>
      <StatusText>Success, the message was retrieved by the handset</StatusText>
      <UACapabilities UAProf="http://uaprof.example.net/handset/model-r1.xml" TimeStamp="2026-03-16T14:03:50Z"/>
    </DeliveryReportReq>
  </soap-env:Body>
</soap-env:Envelope>
`;

const BOUNDARY = '----=_Part_120_1530210.1426514631749';

const MULTIPART = [
	`--${BOUNDARY}`,
	'Content-Type: text/xml; charset=utf-8',
	'Content-Transfer-Encoding: 8bit',
	'Content-ID: <report>',
	'',
	REPORT,
	`--${BOUNDARY}--`,
	'',
].join('\r\n');

/** @type {Record<Form, { contentType: string, body: string }>} */
const MESSAGES = {
	xml: { contentType: 'text/xml; charset=utf-8', body: REPORT },
	// what Sinch documents: no boundary, and no MIME either
	bare: { contentType: 'multipart/related; type="text/xml";', body: REPORT },
	multipart: {
		contentType: `multipart/related; type="text/xml"; start="<report>"; boundary="${BOUNDARY}"`,
		body: MULTIPART,
	},
};

/** Bytes of the report itself. */
export const REPORT_BYTES = Buffer.byteLength(REPORT);

/**
 * A whole HTTP request, and where its ids stand.
 *
 * @param {Form} form
 */
export function requestTemplate(form) {
	const { contentType, body } = MESSAGES[form];
	const text = [
		'POST /mm7 HTTP/1.1',
		'Host: bench.example.net',
		`Content-Type: ${contentType}`,
		`Content-Length: ${Buffer.byteLength(body)}`,
		'SOAPAction: ""',
		'',
		body,
	].join('\r\n');
	const idOffsets = Array.from(text.matchAll(RegExp(FIRST_ID, 'g')), ({ index }) => index);
	return { bytes: Buffer.from(text, 'latin1'), idOffsets };
}

/**
 * The TransactionID of the nth request.
 *
 * @param {number} n
 */
export function transactionId(n) {
	return String(Number(FIRST_ID) + n).padStart(ID_DIGITS, '0');
}
