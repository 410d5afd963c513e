import { setTimeout as delay } from 'node:timers/promises';
import type { Exchange } from 'mm7-delivery-reports';
import type { Logger } from 'pino';
import type { Keeper, Outcome, ReportRequest } from './keeper.js';
import type { ReceiverMetrics } from './metrics.js';

/** What happens after each answer. */
export interface ExchangeWatch {
	/** To be given to the middleware. */
	onExchange(exchange: Exchange, req: ReportRequest): void;
	/** Settles when all that was begun is written. */
	finished(): Promise<void>;
}

/** Most requests that wait to be kept; what comes beyond is only counted and logged. */
const LONGEST_QUEUE = 10;

/** The pause after a write is this many times as long as it took: they cost a tenth of the database's time at most. */
const PAUSE_RATIO = 10;

/**
 * Logs and counts each exchange, and keeps what could not be read as a delivery report. One is written at a time,
 * with a pause behind it, so that no flood of them holds up reports.
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
			log.error({ err }, 'a request that could not be read could not be kept either');
		}
	}

	return {
		onExchange(exchange, req) {
			const kept = isUnreadable(exchange) ? queue.length < LONGEST_QUEUE : undefined;
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

/** StatusCodes that say that the receiver failed: 4005 and 4006. */
const OUR_FAULT: readonly (number | undefined)[] = [4005, 4006];

/**
 * Logs an exchange, without the numbers of recipient and sender.
 *
 * @param outcome - what became of a report, and whether an unreadable request is kept
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
	if (late) log.warn({ ...fields, err: error }, 'the report was handled after its deadline');
	else if (error === undefined) log.info(fields, 'report acknowledged');
	else if (error.code === 'ERR_MM7_NOT_DELIVERED')
		log.warn(fields, 'report handled, but the client disconnected first');
	// what senders do wrong is for a warning; what goes wrong here is an error
	else if (OUR_FAULT.includes(error.statusCode)) log.error({ ...fields, err: error }, 'report not acknowledged');
	else log.warn({ ...fields, err: error }, 'request refused');
}
