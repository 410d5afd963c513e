import { trimWhiteSpace } from '../../xml/white-space.js';
import { type Mm7Answer, parseAnswer } from './parse-answer.js';

/**
 * What Sinch makes of an answer:
 * - `accepted`: it stops;
 * - `refused`: the answer is about this report and carries another StatusCode. Sinch does not document whether it
 *   sends such a report again; other relays do not, so this counts as final;
 * - `again`: it sends the report again after five minutes, at most five times.
 */
export interface SinchVerdict {
	/** What Sinch does, see above. */
	readonly verdict: 'accepted' | 'refused' | 'again';
	/** Why the report was not accepted, in one phrase; `undefined` where it was. */
	readonly reason: string | undefined;
}

/** What was sent, as far as an answer has to say it back. A `DeliveryReport` or a `ReadReply` will do. */
export interface SentReport {
	/** White space around it is ignored, as XML parsers may. */
	readonly transactionId: string;
	/**
	 * Namespace of the TransactionID and of the operation, which are one and the same at Sinch. Default: not known, and
	 * the answer has to have them in one namespace, whichever it is.
	 */
	readonly namespace?: string | undefined;
	/** Default: not known, and any response will do. */
	readonly operation?: 'DeliveryReportReq' | 'ReadReplyReq' | undefined;
	/** Whether the TransactionID said `mustUnderstand="1"`. Default true, as Sinch sends it. */
	readonly mustUnderstand?: boolean | undefined;
}

/**
 * Judges an answer by the rule of Sinch: HTTP 200, the TransactionID of the report and StatusCode 1000, within ten
 * seconds (which the caller measures).
 *
 * It is read as SOAP stacks read it: a TransactionID or a response in another namespace than what was sent is not found,
 * the response to another operation is not the one waited for, and a TransactionID with `mustUnderstand="1"` is refused
 * where none was sent. An answer may leave mustUnderstand out.
 *
 * @param answer - HTTP status and body of the response
 * @param sent - the TransactionID of the report or read reply that was sent, or more of it
 * @example
 * const response = await fetch(url, deliveryReportRequest({ transactionId: '20260042' }));
 * const answer = { status: response.status, body: await response.text() };
 * expect(judgeAsSinch(answer, '20260042').verdict).to.equal('accepted');
 */
export function judgeAsSinch(
	answer: { readonly status: number; readonly body: string | Uint8Array },
	sent: string | SentReport,
): SinchVerdict {
	if (answer.status !== 200) return again(`HTTP ${answer.status}`);
	let read: Mm7Answer;
	try {
		read = parseAnswer(answer.body);
	} catch (error) {
		return again((error as Error).message);
	}
	const mistake = mistakeIn(read, typeof sent === 'string' ? { transactionId: sent } : sent);
	if (mistake !== undefined) return again(mistake);
	if (read.statusCode !== 1000) return { verdict: 'refused', reason: `StatusCode ${read.statusCode}` };
	return { verdict: 'accepted', reason: undefined };
}

/** Why a sender cannot take an answer for that to what it sent. */
function mistakeIn(read: Mm7Answer, sent: SentReport): string | undefined {
	const { namespace = read.namespace, operation, mustUnderstand = true } = sent;
	const response = operation?.replace('Req', 'Rsp') ?? read.operation;
	if (read.transactionId === undefined) return 'no TransactionID';
	if (read.transactionId !== trimWhiteSpace(sent.transactionId)) return 'another TransactionID';
	if (read.statusCode === undefined) return 'no StatusCode';
	if (read.transactionIdNamespace !== namespace) return 'TransactionID in another namespace';
	if (read.namespace !== namespace) return `${read.operation} in another namespace`;
	if (read.mustUnderstand && !mustUnderstand) return 'mustUnderstand, which was not sent';
	if (!read.fault && read.operation !== response) return `${read.operation} in place of ${response}`;
	if (read.fault && read.statusCode === 1000) return 'StatusCode 1000 in a fault';
	return undefined;
}

function again(reason: string): SinchVerdict {
	return { verdict: 'again', reason };
}
