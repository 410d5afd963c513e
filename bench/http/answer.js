const NAMESPACE = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4';

/** The Content-Type of the answers that are written by hand. */
export const XML = 'text/xml; charset=utf-8';

const ENTITIES = /** @type {Record<string, string>} */ ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' });

/**
 * The answer as somebody writes it who parses by hand.
 *
 * @param {string} transactionId
 */
export function success(transactionId) {
	const id = transactionId.replace(/[&<>]/g, (character) => ENTITIES[character] ?? '');
	return (
		'<?xml version="1.0" encoding="UTF-8"?>\n' +
		'<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Header>' +
		`<TransactionID xmlns="${NAMESPACE}" env:mustUnderstand="1">${id}</TransactionID></env:Header>` +
		`<env:Body><DeliveryReportRsp xmlns="${NAMESPACE}"><MM7Version>6.8.0</MM7Version><Status>` +
		'<StatusCode>1000</StatusCode><StatusText>Success</StatusText></Status></DeliveryReportRsp></env:Body></env:Envelope>'
	);
}

/** What the rows without a parser answer: the same bytes for every request. */
export const FIXED = success('10000000');

/**
 * The least that an application asks of a report before it calls it read.
 *
 * @param {{ transactionId: unknown, messageId: unknown, recipient: unknown, mmStatus: unknown }} report
 */
export function answerTo({ transactionId, messageId, recipient, mmStatus }) {
	if (!transactionId || !messageId || !recipient || !mmStatus) throw new Error('a mandatory element is missing');
	return success(String(transactionId));
}
