import type { IncomingMessage } from 'node:http';
import { Mm7Error, Mm7Rejection } from './errors.js';
import type { Mm7Request } from './express-types.js';
import type { DeliveryReport, Mm7Envelope, ReadReply } from './mm7/messages.js';
import { isAcceptance, type Mm7Status } from './mm7/status.js';
import type { Answer } from './steps/answer.js';
import type { Handled } from './steps/duplicates.js';
import type { ParsedEnvelope } from './steps/read-envelope.js';
import type { Delivery } from './steps/send.js';
import { exchangeTraces } from './tracing.js';
import { warnOfHook } from './warnings.js';

/**
 * One request and its outcome, as passed to `onExchange` and the tracing channel. Includes everything received, even
 * if it could not be parsed: `body`, then `envelope`, then `report`, as far as the request got.
 */
export interface Exchange {
	/** The report; absent if the request could not be read as one. */
	readonly report: DeliveryReport | undefined;
	/** The read reply; absent if the request is not one, or the option `readReplies` is not set. */
	readonly readReply: ReadReply | undefined;
	/** The SOAP message; absent if there was none to read. */
	readonly envelope: Mm7Envelope | undefined;
	/**
	 * The bytes of the request, inflated. Absent if the response was sent before they were read, and for compressed
	 * requests a second after the response.
	 */
	readonly body: Buffer | undefined;
	/**
	 * The reason the report was not accepted; its `cause` is the value that the handler threw. ERR_MM7_NOT_DELIVERED if
	 * the report was accepted but the provider does not know.
	 */
	readonly error: Mm7Error | undefined;
	/** The error of the duplicate store; the report was handled anyway. */
	readonly storeError: Mm7Error | undefined;
	/** HTTP status of the response; `undefined` if the client disconnected first. */
	readonly httpStatus: number | undefined;
	/** MM7 StatusCode of the response; `undefined` for a fault without detail. */
	readonly statusCode: number | undefined;
	/** Milliseconds from the arrival of the request to the end of its response; for a late result, to the result. */
	readonly durationMs: number;
	/** True if an earlier copy of the same report had been handled or was being handled. */
	readonly duplicate: boolean;
	/**
	 * False for the event after each response. True for a second event about the same request, if its handler finished
	 * after the deadline: `error` and `statusCode` are the handler's outcome, which was not sent.
	 */
	readonly late: boolean;
}

/** The hook for logs and metrics. If it throws or rejects, that becomes a process warning. */
export type OnExchange<Req extends IncomingMessage = Mm7Request> = (exchange: Exchange, req: Req) => unknown;

/** Collects an exchange while it runs, and publishes it. */
export class ExchangeLog<Req extends IncomingMessage> {
	body: Buffer | undefined;
	parsed: ParsedEnvelope | undefined;
	report: DeliveryReport | undefined;
	readReply: ReadReply | undefined;
	handled: Handled | undefined;
	error: Mm7Error | undefined;

	readonly #start = performance.now();
	#storeError: Mm7Error | undefined;

	/** @param warn - receives the errors if nothing else listens */
	constructor(
		readonly req: Req,
		private readonly onExchange: OnExchange<Req> | undefined,
		private readonly warn: (error: Mm7Error) => void,
	) {}

	/** To be called after the response was handed to {@link send}. Never rejects. */
	async answered(answer: Answer, delivery: Delivery | Promise<Delivery>, sentStatus: number): Promise<Exchange> {
		const { httpStatus, statusCode } = answer;
		const end = await delivery;
		// a store error is part of the exchange
		await this.handled?.remembered;
		if (end === 'delivered') return this.#publish({ httpStatus, statusCode });
		if (end === 'gone') return this.#publish({ error: this.#refusal() ?? new Mm7Error('ERR_MM7_NOT_DELIVERED') });
		const detail = `HTTP ${sentStatus} by the handler or another middleware; a handler returns, and does not respond`;
		const error = new Mm7Error('ERR_MM7_ALREADY_ANSWERED', { cause: this.error, detail });
		return this.#publish({ httpStatus: sentStatus, error });
	}

	#refusal(): Mm7Error | undefined {
		return this.error ?? (this.handled && refusalOf(this.handled.status));
	}

	readonly onStoreError = (error: Mm7Error): void => {
		this.#storeError = error;
	};

	readonly onLate = async (outcome: Handled | Mm7Error): Promise<void> => {
		if (outcome instanceof Mm7Error) {
			this.#publish({ error: outcome, statusCode: outcome.statusCode, late: true });
			return;
		}
		const { status, duplicate, remembered } = outcome;
		await remembered;
		this.#publish({ error: refusalOf(status), statusCode: status.statusCode, duplicate, late: true });
	};

	/** Never throws: the response has been sent. */
	#publish(end: Partial<Exchange>): Exchange {
		const exchange: Exchange = {
			report: this.report,
			readReply: this.readReply,
			envelope: this.parsed?.envelope,
			body: this.body,
			error: this.#refusal(),
			storeError: this.#storeError,
			httpStatus: undefined,
			statusCode: undefined,
			durationMs: performance.now() - this.#start,
			duplicate: this.handled?.duplicate ?? false,
			late: false,
			...end,
		};
		// a late result comes after the end of the trace
		if (!this.onExchange && (exchange.late || !exchangeTraces.hasSubscribers)) {
			for (const error of [exchange.error, exchange.storeError]) if (error) this.warn(error);
		}
		try {
			const pending = this.onExchange?.(exchange, this.req);
			if (pending instanceof Promise) pending.catch(warnOfHook);
		} catch (error) {
			warnOfHook(error);
		}
		return exchange;
	}
}

/** The error for a status that a handler returned or threw; `undefined` if it accepts the report. */
function refusalOf(status: Mm7Status): Mm7Error | undefined {
	if (isAcceptance(status.statusCode)) return undefined;
	return status instanceof Mm7Error ? status : new Mm7Rejection(status.statusCode, status.details);
}
