import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { Mm7Error, Mm7Rejection } from './errors.js';
import type { Mm7Request } from './express-types.js';
import type { DeliveryReport, Mm7Envelope, ReadReply } from './mm7/messages.js';
import { isAcceptance, type Mm7Status } from './mm7/status.js';
import type { Answer } from './steps/answer.js';
import type { Handled } from './steps/duplicates.js';
import type { ParsedEnvelope } from './steps/read-envelope.js';
import type { Delivery } from './steps/send.js';
import { warner, warnOfHook } from './warnings.js';

/**
 * One request and what became of it, as `onExchange` and the diagnostics channel get it. Everything that came is
 * here, even if it could not be read: `body`, then `envelope`, then `report`, as far as the request got.
 */
export interface Exchange {
	/** The report; absent where the request could not be read as one. */
	readonly report: DeliveryReport | undefined;
	/** The read reply; absent where the request is not one, or the option `readReplies` is not set. */
	readonly readReply: ReadReply | undefined;
	/** The SOAP message; absent where there was none to read. */
	readonly envelope: Mm7Envelope | undefined;
	/**
	 * The bytes of the request, inflated; absent where it was answered before they were read, and if they were compressed
	 * where more than a second has passed since the response.
	 */
	readonly body: Buffer | undefined;
	/**
	 * Why the report was not accepted; its `cause` is what the handler threw. ERR_MM7_NOT_DELIVERED if the report was
	 * accepted and the provider cannot know.
	 */
	readonly error: Mm7Error | undefined;
	/** Why the store of duplicates could not be asked or told; the report was handled all the same. */
	readonly storeError: Mm7Error | undefined;
	/** HTTP status of the response; `undefined` if it could not be delivered because the client had disconnected. */
	readonly httpStatus: number | undefined;
	/** MM7 StatusCode of the answer; `undefined` for a fault without detail. */
	readonly statusCode: number | undefined;
	/** Milliseconds from the arrival of the request to the end of its response; for a late result, to the result. */
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

/** Who is told of exchanges. */
export interface Watchers<Req extends IncomingMessage> {
	readonly onExchange: OnExchange<Req> | undefined;
	/** Told of errors when nobody else listens. */
	readonly warn: (error: Mm7Error) => void;
}

/** Makes the watchers of a middleware. */
export function watchers<Req extends IncomingMessage>(onExchange: OnExchange<Req> | undefined): Watchers<Req> {
	return { onExchange, warn: warner() };
}

/** What is known of an exchange while it runs. */
export class ExchangeLog<Req extends IncomingMessage> {
	body: Buffer | undefined;
	parsed: ParsedEnvelope | undefined;
	report: DeliveryReport | undefined;
	readReply: ReadReply | undefined;
	handled: Handled | undefined;
	error: Mm7Error | undefined;

	readonly #start = performance.now();
	readonly #req: Req;
	readonly #watchers: Watchers<Req>;
	#storeError: Mm7Error | undefined;

	constructor(req: Req, watchers: Watchers<Req>) {
		this.#req = req;
		this.#watchers = watchers;
	}

	/** The response was delivered, or could not be. Never rejects. */
	async answered({ httpStatus, statusCode }: Answer, delivery: Delivery | Promise<Delivery>, sentStatus: number) {
		const end = await delivery;
		// what the store says of a new report belongs to the exchange
		await this.handled?.remembered;
		if (end === 'delivered') this.#publish({ httpStatus, statusCode });
		else if (end === 'gone') this.#publish({ error: this.#refusal() ?? new Mm7Error('ERR_MM7_NOT_DELIVERED') });
		else this.#publish({ httpStatus: sentStatus, error: alreadyAnswered(sentStatus, this.error) });
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

	/** Never throws: the answer has been sent, so there is nobody left to tell. */
	#publish(end: Partial<Exchange>): void {
		const req = this.#req;
		const { onExchange, warn } = this.#watchers;
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
		if (!onExchange && !exchanges.hasSubscribers) {
			for (const error of [exchange.error, exchange.storeError]) if (error) warn(error);
			return;
		}
		exchanges.publish({ exchange, req });
		try {
			const pending = onExchange?.(exchange, req);
			if (pending instanceof Promise) pending.catch(warnOfHook);
		} catch (error) {
			warnOfHook(error);
		}
	}
}

function alreadyAnswered(httpStatus: number, cause: Mm7Error | undefined): Mm7Error {
	const detail = `HTTP ${httpStatus} by the handler or another middleware; a handler returns, and does not answer`;
	return new Mm7Error('ERR_MM7_ALREADY_ANSWERED', { cause, detail });
}

/** The error that a refusing status stands for; a handler may have returned it or thrown it. */
function refusalOf(status: Mm7Status): Mm7Error | undefined {
	if (isAcceptance(status.statusCode)) return undefined;
	return status instanceof Mm7Error ? status : new Mm7Rejection(status.statusCode, status.details);
}
