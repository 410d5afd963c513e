import { setTimeout as delay } from 'node:timers/promises';
import type { Exchange } from 'mm7-delivery-reports';
import type { Logger } from '../log.js';
import type { Keeper, Outcome, ReportRequest } from './keeper.js';
import type { ReceiverMetrics } from './metrics.js';

/** The work after each response. */
export interface ExchangeWatch {
	/** The middleware's option of that name. */
	onExchange(exchange: Exchange, req: ReportRequest): void;
	/** Settles when everything is written. */
	finished(): Promise<void>;
}

/** Number of requests that can wait to be kept; more are only counted and logged. */
const MAX_WAITING = 10;

/** The pause after a write, as a multiple of the time it took: these writes use at most a tenth of the database's time. */
const PAUSE_RATIO = 10;

/**
 * Logs and counts each exchange, and keeps the requests that could not be parsed as reports. They are written one at a
 * time with a pause after each, so a flood of them does not hold up reports.
 */
export function watchExchanges(
	log: Logger,
	metrics: ReceiverMetrics,
	keepUnreadable: Keeper['keepUnreadable'],
): ExchangeWatch {
	const queue: [Exchange, ReportRequest][] = [];
	const hurry = new AbortController();
	let writing: Promise<void> | undefined;

	async function keepAll(): Promise<void> {
		for (let next = queue.shift(); next; next = queue.shift()) {
			const start = performance.now();
			await keep(...next);
			await delay((performance.now() - start) * PAUSE_RATIO, undefined, { signal: hurry.signal }).catch(() => {});
		}
		writing = undefined;
	}

	async function keep(exchange: Exchange, req: ReportRequest): Promise<void> {
		try {
			await keepUnreadable(exchange, req);
			metrics.unreadableKept();
		} catch (err) {
			metrics.unreadableDropped();
			log.error({ err }, 'failed to store an unreadable request');
		}
	}

	return {
		onExchange(exchange, req) {
			const kept = isUnreadable(exchange) ? queue.length < MAX_WAITING : undefined;
			metrics.observe(exchange, req.stored);
			logExchange(log, exchange, { stored: req.stored, kept });
			if (kept) {
				queue.push([exchange, req]);
				writing ??= keepAll();
			} else if (kept === false) {
				metrics.unreadableDropped();
			}
		},
		async finished() {
			hurry.abort();
			await writing;
		},
	};
}

function isUnreadable({ error, body, report, readReply, late }: Exchange): boolean {
	return error !== undefined && body !== undefined && body.length > 0 && !(report ?? readReply) && !late;
}

/** StatusCodes for failures of the receiver. */
const OUR_FAULT: readonly (number | undefined)[] = [4005, 4006];

/**
 * Logs an exchange, without the phone numbers of recipient and sender.
 *
 * @param outcome - what happened to a report, and whether an unreadable request is kept
 */
function logExchange(
	log: Logger,
	exchange: Exchange,
	outcome: { stored?: Outcome | undefined; kept?: boolean | undefined } = {},
): void {
	const { error, httpStatus, statusCode, durationMs, late } = exchange;
	const report = exchange.report ?? exchange.readReply;
	const fields = {
		transactionId: report?.transactionId ?? exchange.envelope?.transactionId,
		messageId: report?.messageId,
		mmStatus: report?.mmStatus,
		state: report?.state,
		...outcome,
		httpStatus,
		statusCode,
		durationMs: Math.round(durationMs),
	};
	if (late) log.warn({ ...fields, err: error }, 'report handled after its deadline');
	else if (error === undefined) log.info(fields, 'report acknowledged');
	else if (error.code === 'ERR_MM7_NOT_DELIVERED')
		log.warn(fields, 'report handled, but the client disconnected first');
	// a sender's mistake is a warning; a failure here is an error
	else if (OUR_FAULT.includes(error.statusCode)) log.error({ ...fields, err: error }, 'report not acknowledged');
	else log.warn({ ...fields, err: error }, 'request refused');
}
