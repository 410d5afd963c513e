import type { IncomingMessage } from 'node:http';
import { quote } from '../checks.js';
import { asMm7Error, Mm7Error } from '../errors.js';
import { isMm7Status, type Mm7Status, SEND_AGAIN, SUCCESS } from '../mm7/status.js';
import type { Mm7Request } from '../request.js';
import { SharedTimer } from '../shared-timer.js';
import type { Handled, HandleOnce } from './duplicates.js';
import type { DeliveryReport } from './read-report.js';

/** What a handler gets besides the report and the request. */
export interface HandlerContext {
	/** Aborted when `handlerTimeout` is over: the provider has been told to send the report again. */
	readonly signal: AbortSignal;
}

/**
 * The application's part: does something lasting with the report.
 *
 * - Returns nothing: the provider is told 1000 (Success) and stops.
 * - Returns or throws a status, `{ statusCode: 2005 }` or `new Mm7Rejection(2005)`: the provider is told that code and
 *   stops. 4006 (Service unavailable) asks for the report again.
 * - Throws anything else: the provider is told to send the report again, and nothing of the error.
 */
export type Handler<Req extends IncomingMessage = Mm7Request> = (
	report: DeliveryReport,
	req: Req,
	context: HandlerContext,
	// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement is the usual one
) => void | Mm7Status | Promise<void | Mm7Status>;

/** Where this step tells what happens beside the outcome. */
export interface OutcomeEvents {
	/** The handler ended after its deadline. */
	onLate(outcome: Handled | Mm7Error): void;
	/** The store of duplicates failed; the report was handled all the same. */
	onStoreError(error: Mm7Error): void;
}

/**
 * Step 6: runs the handler, within its time and once for all copies of a report.
 *
 * @returns the outcome; a promise of it only where something has to be waited for
 * @throws Mm7Error ERR_MM7_HANDLER_FAILED, ERR_MM7_HANDLER_TIMEOUT, ERR_MM7_SERVICE_ERROR
 */
export type Settle<Req extends IncomingMessage> = (
	report: DeliveryReport,
	req: Req,
	events: OutcomeEvents,
) => Handled | Promise<Handled>;

/**
 * Makes step 6 for a handler.
 *
 * @throws TypeError where the handler is no function
 */
export function outcomeOf<Req extends IncomingMessage>(
	handler: Handler<Req>,
	handlerTimeout: number,
	handleOnce: HandleOnce | undefined,
): Settle<Req> {
	if (typeof handler !== 'function') throw new TypeError(`handler must be a function, not ${quote(handler)}`);

	const timer = new SharedTimer(handlerTimeout);
	return function settle(report, req, events) {
		const deadline = new Deadline(handlerTimeout);
		const run = () => runHandler(handler, report, req, deadline);
		const running = handleOnce
			? handleOnce(
					report,
					async () => run(),
					(error) => events.onStoreError(error),
				)
			: run();
		if (!(running instanceof Promise)) return { status: running, duplicate: false };
		const handled = handleOnce ? (running as Promise<Handled>) : (running as Promise<Mm7Status>).then(asNew);
		return deadline.watch(handled, timer, events);
	};
}

function asNew(status: Mm7Status): Handled {
	return { status, duplicate: false };
}

function runHandler<Req extends IncomingMessage>(
	handler: Handler<Req>,
	report: DeliveryReport,
	req: Req,
	context: HandlerContext,
): Mm7Status | Promise<Mm7Status> {
	let returned: unknown;
	try {
		returned = handler(report, req, context);
		if (isThenable(returned)) return Promise.resolve(returned).then(statusOf, failureOf);
	} catch (thrown) {
		return failureOf(thrown);
	}
	return statusOf(returned);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
	return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
}

/** The status that a handler returned; a value that is none (the row of an INSERT, say) counts as nothing. */
function statusOf(returned: unknown): Mm7Status {
	if (isMm7Status(returned)) return finalStatus(returned);
	if (typeof returned === 'object' && returned !== null && 'statusCode' in returned) {
		// the response of an HTTP client, or a typing error: accepting it could lose the report
		const detail = `the handler returned statusCode ${String(returned.statusCode)}, which is no MM7 status code`;
		throw new Mm7Error('ERR_MM7_HANDLER_FAILED', { detail });
	}
	return SUCCESS;
}

/** The status that a handler threw, or the error that its failure is. */
function failureOf(thrown: unknown): Mm7Status {
	if (thrown instanceof Mm7Error && thrown.code === 'ERR_MM7_SERVICE_ERROR') throw thrown;
	if (isMm7Status(thrown) && !(thrown instanceof Mm7Error && thrown.code !== 'ERR_MM7_REJECTED')) {
		return finalStatus(thrown);
	}
	throw new Mm7Error('ERR_MM7_HANDLER_FAILED', { cause: thrown });
}

/** "Send it again" must be said by HTTP too: behind a 200, relays take any code as final and drop the report. */
function finalStatus(status: Mm7Status): Mm7Status {
	if (status.statusCode !== SEND_AGAIN) return status;
	throw new Mm7Error('ERR_MM7_HANDLER_FAILED', { cause: status, detail: 'the handler asked for the report again' });
}

/** The handler's time. Its signal is made when it is asked for, it is timed when there is something to wait for. */
class Deadline implements HandlerContext {
	readonly #start = performance.now();
	readonly #timeout: number;
	#controller: AbortController | undefined;
	#over = false;

	constructor(timeout: number) {
		this.#timeout = timeout;
	}

	get signal(): AbortSignal {
		this.#controller ??= new AbortController();
		if (this.#over) this.#abort();
		return this.#controller.signal;
	}

	watch(running: Promise<Handled>, timer: SharedTimer, events: OutcomeEvents): Promise<Handled> {
		return new Promise((resolve, reject) => {
			const onOver = () => {
				this.#over = true;
				reject(new Mm7Error('ERR_MM7_HANDLER_TIMEOUT', { detail: `not finished within ${this.#timeout} ms` }));
				this.#abort();
			};
			timer.start(onOver, this.#start);
			running.then(
				(handled) => {
					timer.stop(onOver);
					if (this.#over) events.onLate(handled);
					else resolve(handled);
				},
				(thrown: unknown) => {
					timer.stop(onOver);
					// a value that cannot even be looked into throws an error of its own
					const error = asMm7Error(thrown, 'ERR_MM7_HANDLER_FAILED');
					if (this.#over) events.onLate(error);
					else reject(error);
				},
			);
		});
	}

	#abort(): void {
		this.#controller?.abort(new Mm7Error('ERR_MM7_HANDLER_TIMEOUT'));
	}
}
