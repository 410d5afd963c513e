import { trimWhiteSpace } from '../xml/white-space.js';
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

/**
 * Judges an answer by the rule of Sinch: HTTP 200, the TransactionID of the report and StatusCode 1000, within ten
 * seconds (which the caller measures).
 *
 * @param answer - HTTP status and body of the response
 * @param transactionId - of the report that was sent; white space around it is ignored, as XML parsers may
 * @example
 * const response = await fetch(url, deliveryReportRequest({ transactionId: '20260042' }));
 * const answer = { status: response.status, body: await response.text() };
 * expect(judgeAsSinch(answer, '20260042').verdict).to.equal('accepted');
 */
export function judgeAsSinch(
	answer: { readonly status: number; readonly body: string | Uint8Array },
	transactionId: string,
): SinchVerdict {
	if (answer.status !== 200) return again(`HTTP ${answer.status}`);
	let read: Mm7Answer;
	try {
		read = parseAnswer(answer.body);
	} catch (error) {
		return again((error as Error).message);
	}
	if (read.transactionId !== trimWhiteSpace(transactionId)) {
		return again(read.transactionId === undefined ? 'no TransactionID' : 'another TransactionID');
	}
	if (read.statusCode === undefined) return again('no StatusCode');
	if (read.statusCode !== 1000) return { verdict: 'refused', reason: `StatusCode ${read.statusCode}` };
	return { verdict: 'accepted', reason: undefined };
}

function again(reason: string): SinchVerdict {
	return { verdict: 'again', reason };
}
