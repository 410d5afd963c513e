import type { Exchange } from 'mm7-delivery-reports';
import type { Logger } from 'pino';
import type { Metrics } from './metrics.js';
import type { ReportRequest } from './receive-report.js';
import type { UnreadableRepository } from './reports/unreadable-repository.js';

/** What happens after each answer. */
export interface ExchangeWatch {
	/** To be given to the middleware. */
	onExchange(exchange: Exchange, req: ReportRequest): void;
	/** Settles when all that was begun is written. */
	finished(): Promise<void>;
}

/** Most requests that are being written away at one time; what comes beyond is only counted and logged. */
const MOST_WRITES = 100;

/**
 * Logs and counts each exchange, and keeps what could not be read as a delivery report.
 *
 * @param onKept - called after such a request was kept
 */
export function watchExchanges(
	log: Logger,
	metrics: Metrics,
	unreadable: UnreadableRepository,
	onKept: () => void,
): ExchangeWatch {
	const writes = new Set<Promise<void>>();

	async function keep(exchange: Exchange, req: ReportRequest): Promise<void> {
		try {
			await unreadable.add(exchange, { remoteAddress: req.ip, contentType: req.headers['content-type'] });
			metrics.unreadableKept();
			onKept();
		} catch (err) {
			log.error({ err }, 'a request that could not be read could not be kept either');
		}
	}

	return {
		onExchange(exchange, req) {
			metrics.observe(exchange, req.stored);
			writeLog(log, exchange, req.stored);
			if (isUnreadable(exchange) && writes.size < MOST_WRITES) {
				const write = keep(exchange, req).finally(() => writes.delete(write));
				writes.add(write);
			}
		},
		async finished() {
			await Promise.all(writes);
		},
	};
}

function isUnreadable({ error, body, report, late }: Exchange): boolean {
	return error !== undefined && body !== undefined && body.length > 0 && report === undefined && !late;
}

/** StatusCodes that say that the receiver failed: 4005 and 4006. */
const OUR_FAULT: readonly (number | undefined)[] = [4005, 4006];

function writeLog(log: Logger, exchange: Exchange, stored: ReportRequest['stored']): void {
	const { report, error, httpStatus, statusCode, durationMs, late } = exchange;
	const fields = {
		transactionId: report?.transactionId ?? exchange.envelope?.transactionId,
		messageId: report?.messageId,
		mmStatus: report?.mmStatus,
		state: report?.state,
		stored,
		httpStatus,
		statusCode,
		durationMs: Math.round(durationMs),
	};
	if (late) log.warn({ ...fields, err: error }, 'the report was handled after its deadline');
	else if (error === undefined) log.info(fields, 'report acknowledged');
	// what senders do wrong is for a warning; what goes wrong here is an error
	else if (OUR_FAULT.includes(error.statusCode)) log.error({ ...fields, err: error }, 'report not acknowledged');
	else log.warn({ ...fields, err: error }, 'request refused');
}
