import type { IncomingMessage } from 'node:http';
import { isNativeError } from 'node:util/types';
import { asMm7Error, Mm7Error, reasonOf } from '../errors.js';
import type { Mm7Request } from '../express-types.js';
import type { DeliveryReport, Mm7Envelope, ReadReply } from '../mm7/messages.js';
import { isMm7Status, type Mm7Status, RETRY, SUCCESS } from '../mm7/status.js';
import type { Handled } from './duplicates.js';

/** What a handler gets besides the report and the request. */
export interface HandlerContext {
	/**
	 * Aborted when `handlerTimeout` is over: the provider has been told to retry. An error that a listener of it throws
	 * is an uncaught exception, as with every AbortSignal of Node.js.
	 */
	readonly signal: AbortSignal;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement is the usual one
type Outcome = void | Mm7Status | Promise<void | Mm7Status>;

/**
 * The application's part: does something lasting with the report.
 *
 * - Returns nothing: the provider is told 1000 (Success) and stops.
 * - Returns or throws a status, `{ statusCode: 2005 }` or `new Mm7Rejection(2005)`: the provider is told that code and
 *   stops. 4006 (Service unavailable) makes it retry.
 * - Throws anything else: the provider is told to retry, and nothing of the error.
 * - Returns `false`, an Error, a `Response` that is not ok, or the result of `Promise.allSettled` with a rejected promise:
 *   the same as throwing.
 */
export type Handler<Req extends IncomingMessage = Mm7Request> = (
	report: DeliveryReport,
	req: Req,
	context: HandlerContext,
) => Outcome;

/** The handler of read replies, with the outcomes of a {@link Handler}. */
export type ReadReplyHandler<Req extends IncomingMessage = Mm7Request> = (
	reply: ReadReply,
	req: Req,
	context: HandlerContext,
) => Outcome;

/** The handler of other MM7 operations, with the outcomes of a {@link Handler}. */
export type OperationHandler<Req extends IncomingMessage = Mm7Request> = (
	envelope: Mm7Envelope,
	req: Req,
	context: HandlerContext,
) => Outcome;

/** A handler with all but its context given. */
export type CallHandler = (context: HandlerContext) => unknown;

/** Runs a handler once for all copies of a report. */
export type Once = (handle: () => Promise<Mm7Status>) => Promise<Handled>;

const everyTime: Once = async (handle) => ({ status: await handle(), duplicate: false });

/**
 * Runs the handler within its time.
 *
 * @param once - absent where every copy is handled
 * @param onLate - told how a handler ended after its time was over
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
			// a value that cannot even be looked into throws an error of its own
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

/** The status that a handler threw, or the error that its failure is. */
function statusOfThrown(thrown: unknown): Mm7Status {
	if (thrown instanceof Mm7Error && thrown.code === 'ERR_MM7_SERVICE_ERROR') throw thrown;
	if (isMm7Status(thrown) && !(thrown instanceof Mm7Error && thrown.code !== 'ERR_MM7_REJECTED')) {
		return finalStatus(thrown);
	}
	throw new Mm7Error('ERR_MM7_HANDLER_FAILED', { cause: thrown, detail: `threw: ${reasonOf(thrown)}` });
}

/** A retry must be asked for by HTTP too: behind a 200, relays take any code as final and drop the report. */
function finalStatus(status: Mm7Status): Mm7Status {
	if (status.statusCode !== RETRY) return status;
	throw new Mm7Error('ERR_MM7_HANDLER_FAILED', { cause: status, detail: 'asked for a retry' });
}

/**
 * Names a returned value that stands for a failure: accepting it could lose the report. Other values, such as the row of
 * an INSERT, are ignored.
 */
function failureIn(returned: unknown): string | undefined {
	if (returned === false) return 'false';
	// Jest runs handlers in a realm whose classes are others
	if (returned instanceof Error || isNativeError(returned)) return 'an Error';
	if (isResponse(returned) && !returned.ok) return 'a response that is not ok';
	if (Array.isArray(returned) && returned.some(isRejection)) return 'a list with a rejected promise';
	return undefined;
}

function isResponse(value: unknown): value is Pick<Response, 'ok'> {
	return Object.prototype.toString.call(value) === '[object Response]';
}

function isRejection(entry: unknown): boolean {
	return (entry as PromiseSettledResult<unknown> | null | undefined)?.status === 'rejected';
}
