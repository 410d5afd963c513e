import { trimWhiteSpace } from '../../xml/element.js';
import { type Mm7Response, parseResponse } from './parse-response.js';

/**
 * The reaction of Sinch to a response:
 * - `accepted`: it stops;
 * - `rejected`: the response is about this report and has another StatusCode. Sinch does not document whether it retries
 *   such a report; other relays do not, so this counts as final;
 * - `retry`: it retries the report after five minutes, at most five times.
 */
export interface SinchVerdict {
	/** The reaction of Sinch, see above. */
	readonly verdict: 'accepted' | 'rejected' | 'retry';
	/** The reason why the report was not accepted, in one phrase; `undefined` if it was. */
	readonly reason: string | undefined;
}

/** The parts of a sent report that a response must repeat. A `DeliveryReport` or a `ReadReply` will do. */
export interface SentReport {
	/** White space around it is ignored, as XML parsers may. */
	readonly transactionId: string;
	/**
	 * Namespace of both the TransactionID and the operation. Default: unknown, so any namespace will do if both are in it.
	 */
	readonly namespace?: string | undefined;
	/** Default: unknown, so any response will do. */
	readonly operation?: 'DeliveryReportReq' | 'ReadReplyReq' | undefined;
	/** True if the TransactionID had `mustUnderstand="1"`. Default true, as Sinch sends it. */
	readonly mustUnderstand?: boolean | undefined;
}

/**
 * Judges a response by the rule of Sinch: HTTP 200, the TransactionID of the report and StatusCode 1000, within ten
 * seconds (which the caller measures).
 *
 * It reads the response as SOAP stacks do: a TransactionID or operation in another namespace is not found, the response
 * to another operation does not count, and a TransactionID with `mustUnderstand="1"` is rejected if none was sent. A
 * response may leave out mustUnderstand.
 *
 * @param response - its HTTP status and body
 * @param sent - the TransactionID of the sent report or read reply, or more of it
 * @example
 * const response = await fetch(url, deliveryReportRequest({ transactionId: '20260042' }));
 * const { verdict } = judgeAsSinch({ status: response.status, body: await response.text() }, '20260042');
 * expect(verdict).to.equal('accepted');
 */
export function judgeAsSinch(
	response: { readonly status: number; readonly body: string | Uint8Array },
	sent: string | SentReport,
): SinchVerdict {
	if (response.status !== 200) return retry(`HTTP ${response.status}`);
	let read: Mm7Response;
	try {
		read = parseResponse(response.body);
	} catch (error) {
		return retry((error as Error).message);
	}
	const mistake = mistakeIn(read, typeof sent === 'string' ? { transactionId: sent } : sent);
	if (mistake !== undefined) return retry(mistake);
	if (read.statusCode !== 1000) return { verdict: 'rejected', reason: `StatusCode ${read.statusCode}` };
	return { verdict: 'accepted', reason: undefined };
}

/** Returns the reason why a sender cannot accept a response. */
function mistakeIn(read: Mm7Response, sent: SentReport): string | undefined {
	const { namespace = read.namespace, operation, mustUnderstand = true } = sent;
	const response = operation?.replace('Req', 'Rsp') ?? read.operation;
	if (read.transactionId === undefined) return 'no TransactionID';
	if (read.transactionId !== trimWhiteSpace(sent.transactionId)) return 'another TransactionID';
	if (read.statusCode === undefined) return 'no StatusCode';
	if (read.transactionIdNamespace !== namespace) return 'TransactionID in another namespace';
	if (read.namespace !== namespace) return `${read.operation} in another namespace`;
	if (read.mustUnderstand && !mustUnderstand) return 'mustUnderstand="1" was not in the request';
	if (!read.fault && read.operation !== response) return `${read.operation} instead of ${response}`;
	if (read.fault && read.statusCode === 1000) return 'StatusCode 1000 in a fault';
	return undefined;
}

function retry(reason: string): SinchVerdict {
	return { verdict: 'retry', reason };
}
