import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { inspect } from 'node:util';
import { Mm7Error, Mm7Rejection } from './errors.js';
import { isAcceptance, type Mm7Status } from './mm7/status.js';
import type { Mm7Request } from './request.js';
import type { Answer } from './steps/answer.js';
import type { Handled } from './steps/duplicates.js';
import type { Mm7Envelope, ParsedEnvelope } from './steps/read-envelope.js';
import type { DeliveryReport } from './steps/read-report.js';
import type { OutcomeEvents } from './steps/run-handler.js';

/**
 * One request and what became of it, as `onExchange` and the diagnostics channel get it. Everything that came is
 * here, also where it could not be read: `body`, then `envelope`, then `report`, as far as the request got.
 */
export interface Exchange {
	/** The report; absent where the request could not be read as one. */
	readonly report: DeliveryReport | undefined;
	/** The SOAP message; absent where there was none to read. */
	readonly envelope: Mm7Envelope | undefined;
	/** The bytes of the request, inflated; absent where it was answered before they were read. */
	readonly body: Buffer | undefined;
	/** Why the report was not accepted; its `cause` is what the handler threw. */
	readonly error: Mm7Error | undefined;
	/** Why the store of duplicates could not be asked or told; the report was handled all the same. */
	readonly storeError: Mm7Error | undefined;
	/** HTTP status of the answer; `undefined` where nobody was left to be answered. */
	readonly httpStatus: number | undefined;
	/** MM7 StatusCode of the answer; `undefined` for a fault without detail. */
	readonly statusCode: number | undefined;
	/** Milliseconds from the arrival of the request to its answer; for a late result, to the result. */
	readonly durationMs: number;
	/** Whether an earlier copy of the same report had been handled, or was being handled. */
	readonly duplicate: boolean;
	/**
	 * False for the event that follows each answer. True for one more event about the same request: its handler
	 * finished after its deadline. `error` and `statusCode` then say how it ended; the answer had been sent before.
	 */
	readonly late: boolean;
}

/** The hook for logs, metrics and traces. What it throws or rejects with becomes a process warning. */
export type OnExchange<Req extends IncomingMessage = Mm7Request> = (exchange: Exchange, req: Req) => unknown;

/** Name of the `node:diagnostics_channel` that gets `{ exchange, req }` for each exchange. */
export const EXCHANGE_CHANNEL = 'mm7-delivery-reports:exchange';

const exchanges = channel(EXCHANGE_CHANNEL);

/** What is known of an exchange while it runs. */
export class ExchangeLog<Req extends IncomingMessage> implements OutcomeEvents {
	body: Buffer | undefined;
	parsed: ParsedEnvelope | undefined;
	report: DeliveryReport | undefined;
	handled: Handled | undefined;
	error: Mm7Error | undefined;

	readonly #start = performance.now();
	readonly #req: Req;
	readonly #onExchange: OnExchange<Req> | undefined;
	#storeError: Mm7Error | undefined;

	constructor(req: Req, onExchange: OnExchange<Req> | undefined) {
		this.#req = req;
		this.#onExchange = onExchange;
	}

	/** The answer was sent, or there was nobody to send it to. */
	answered({ httpStatus, statusCode }: Answer, sent: boolean): void {
		if (!this.#isWatched()) return;
		const tell = () => this.#publish(sent ? { httpStatus, statusCode } : {});
		// what the store says of a new report belongs to the exchange
		if (this.handled?.remembered) this.handled.remembered.then(tell);
		else tell();
	}

	onStoreError(error: Mm7Error): void {
		this.#storeError = error;
	}

	onLate(outcome: Handled | Mm7Error): void {
		if (!this.#isWatched()) return;
		if (outcome instanceof Mm7Error) {
			this.#publish({ error: outcome, statusCode: outcome.statusCode, late: true });
			return;
		}
		const { status, duplicate, remembered } = outcome;
		const { statusCode } = status;
		const tell = () => this.#publish({ error: refusalOf(status), statusCode, duplicate, late: true });
		if (remembered) remembered.then(tell);
		else tell();
	}

	#isWatched(): boolean {
		return this.#onExchange !== undefined || exchanges.hasSubscribers;
	}

	/** Never throws: the answer is out, and nobody could do anything about it. */
	#publish(end: Partial<Exchange>): void {
		const req = this.#req;
		const exchange: Exchange = {
			report: this.report,
			envelope: this.parsed?.envelope,
			body: this.body,
			error: this.error ?? (this.handled && refusalOf(this.handled.status)),
			storeError: this.#storeError,
			httpStatus: undefined,
			statusCode: undefined,
			durationMs: performance.now() - this.#start,
			duplicate: this.handled?.duplicate ?? false,
			late: false,
			...end,
		};
		exchanges.publish({ exchange, req });
		try {
			const pending = this.#onExchange?.(exchange, req);
			if (pending instanceof Promise) pending.catch(warn);
		} catch (error) {
			warn(error);
		}
	}
}

/** The error that a refusing status stands for; a handler may have returned it or thrown it. */
function refusalOf(status: Mm7Status): Mm7Error | undefined {
	if (isAcceptance(status.statusCode)) return undefined;
	return status instanceof Mm7Error ? status : new Mm7Rejection(status.statusCode, status.details);
}

function warn(error: unknown): void {
	process.emitWarning(`onExchange failed: ${inspect(error)}`, { type: 'Mm7HookWarning', code: 'ERR_MM7_HOOK' });
}
