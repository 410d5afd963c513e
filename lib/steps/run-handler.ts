import type { IncomingMessage } from 'node:http';
import { isNativeError } from 'node:util/types';
import { quote } from '../checks.js';
import { asMm7Error, Mm7Error, Mm7Rejection, Mm7ServiceError, reasonOf } from '../errors.js';
import type { Mm7Request } from '../express-types.js';
import type { DeliveryReport, Mm7Envelope, ReadReply } from '../mm7/messages.js';
import { isMm7Status, type Mm7Status, RETRY, SUCCESS } from '../mm7/status.js';
import type { Handled } from './duplicates.js';

/** Passed to a handler after the report and the request. */
export interface HandlerContext {
	/**
	 * Aborted after `handlerTimeout`, when the provider has been asked to retry. An error that one of its listeners throws
	 * is an uncaught exception, as with every AbortSignal of Node.js.
	 */
	readonly signal: AbortSignal;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement is the usual one
type Outcome = void | Mm7Status | Promise<void | Mm7Status>;

type HandlerOf<Message, Req extends IncomingMessage> = (message: Message, req: Req, context: HandlerContext) => Outcome;

/**
 * The application's part: stores or forwards the report.
 *
 * - Returns nothing: the response is 1000 (Success), and the provider stops.
 * - Returns or throws a status, `{ statusCode: 2005 }` or `new Mm7Rejection(2005)`: the response is that code, and the
 *   provider stops. 4006 (Service unavailable) makes it retry.
 * - Throws anything else: the provider is asked to retry; the error is not sent.
 * - Returns `false`, an Error, a `Response` that is not ok, the result of `Promise.allSettled` with a rejected promise,
 *   or a `statusCode` that is not a whole number from 1000 to 9999: the same as throwing.
 */
export type Handler<Req extends IncomingMessage = Mm7Request> = HandlerOf<DeliveryReport, Req>;

/** The handler of read replies, with the outcomes of a {@link Handler}. */
export type ReadReplyHandler<Req extends IncomingMessage = Mm7Request> = HandlerOf<ReadReply, Req>;

/** The handler of other MM7 operations, with the outcomes of a {@link Handler}. */
export type OperationHandler<Req extends IncomingMessage = Mm7Request> = HandlerOf<Mm7Envelope, Req>;

/** A handler with all but its context given. */
export type CallHandler = (context: HandlerContext) => unknown;

/** Runs a handler once for all copies of a report. */
export type Once = (handle: () => Promise<Mm7Status>) => Promise<Handled>;

const everyTime: Once = async (handle) => ({ status: await handle(), duplicate: false });

/**
 * Runs the handler until its deadline.
 *
 * @param once - absent if every copy is handled
 * @param onLate - called with the outcome of a handler that finishes after its deadline
 * @throws Mm7Error ERR_MM7_HANDLER_FAILED, ERR_MM7_HANDLER_TIMEOUT, ERR_MM7_SERVICE_ERROR
 */
export function runHandler(
	call: CallHandler,
	handlerTimeout: number,
	once: Once = everyTime,
	onLate: (outcome: Handled | Mm7Error) => void,
): Promise<Handled> {
	return new Promise((resolve, reject) => {
		const deadline = new AbortController();
		const timer = setTimeout(() => {
			const error = new Mm7Error('ERR_MM7_HANDLER_TIMEOUT', { detail: `did not finish within ${handlerTimeout} ms` });
			reject(error);
			deadline.abort(error);
		}, handlerTimeout);
		const settle = (outcome: Handled | Mm7Error) => {
			clearTimeout(timer);
			if (deadline.signal.aborted) onLate(outcome);
			else if (outcome instanceof Mm7Error) reject(outcome);
			else resolve(outcome);
		};
		once(() => statusOf(call, { signal: deadline.signal })).then(settle, (thrown: unknown) =>
			// inspecting a returned value can throw too
			settle(asMm7Error(thrown, 'ERR_MM7_HANDLER_FAILED')),
		);
	});
}

async function statusOf(call: CallHandler, context: HandlerContext): Promise<Mm7Status> {
	let returned: unknown;
	try {
		returned = await call(context);
	} catch (thrown) {
		return statusOfThrown(thrown);
	}
	if (isMm7Status(returned)) return finalStatus(returned);
	const failure = failureIn(returned);
	if (failure) throw new Mm7Error('ERR_MM7_HANDLER_FAILED', { detail: `returned ${failure}`, cause: returned });
	return SUCCESS;
}

function statusOfThrown(thrown: unknown): Mm7Status {
	if (thrown instanceof Mm7ServiceError) throw thrown;
	// errors of this package that a handler got from parsing something else are failures
	const isOwnError = thrown instanceof Mm7Error && !(thrown instanceof Mm7Rejection);
	if (isMm7Status(thrown) && !isOwnError) return finalStatus(thrown);
	throw new Mm7Error('ERR_MM7_HANDLER_FAILED', { cause: thrown, detail: `threw: ${reasonOf(thrown)}` });
}

/** A retry needs an HTTP error too: after a 200, relays treat any code as final and drop the report. */
function finalStatus(status: Mm7Status): Mm7Status {
	if (status.statusCode !== RETRY) return status;
	throw new Mm7Error('ERR_MM7_HANDLER_FAILED', { cause: status, detail: 'asked for a retry' });
}

/** Describes a returned value that means failure. Others, such as the row of an INSERT, are ignored. */
function failureIn(returned: unknown): string | undefined {
	if (returned === false) return 'false';
	if (typeof returned !== 'object' || returned === null) return undefined;
	// Jest runs handlers in a separate realm with its own classes
	if (returned instanceof Error || isNativeError(returned)) return 'an Error';
	const isResponse = Object.prototype.toString.call(returned) === '[object Response]';
	if (isResponse && !(returned as Response).ok) return 'a response that is not ok';
	if (Array.isArray(returned) && returned.some((entry) => entry?.status === 'rejected'))
		return 'a list with a rejected promise';
	if ('statusCode' in returned)
		return `statusCode ${quote(returned.statusCode)}, which is not a whole number from 1000 to 9999`;
	return undefined;
}
