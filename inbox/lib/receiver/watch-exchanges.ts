import type { Exchange } from 'mm7-delivery-reports';
import type { Logger } from '../log.js';
import { withoutReference } from '../store/refusal-reasons.js';
import { isRejected } from './http-errors.js';
import type { Outcome, ReportRequest } from './keeper.js';
import type { ReceiverMetrics } from './metrics.js';
import { factsOf, type RefusalCounter } from './refusals.js';

/**
 * Creates the option `onExchange` of a provider's middleware, which logs and counts each exchange after its response.
 *
 * @param provider - its name
 */
export function watchExchanges(provider: string, log: Logger, metrics: ReceiverMetrics, refusals: RefusalCounter) {
	/** @returns whether a refused request is kept as an example; undefined if it was not refused, or may not have been */
	function refuse(exchange: Exchange, req: ReportRequest): boolean | undefined {
		const { error, late, httpStatus, statusCode, durationMs, body = Buffer.alloc(0) } = exchange;
		const { authorization } = req.headers;
		const isAccepted = error === undefined || error.code === 'ERR_MM7_NOT_DELIVERED';
		const isOther = isAccepted && exchange.report === undefined && exchange.readReply === undefined;
		if (late || (error?.code === 'ERR_MM7_ABORTED' && isRejected(req.socket))) return undefined;
		if (authorization !== undefined) refusals.challengeMet(clientOf(req));
		if (isAccepted && !isOther) return undefined;
		const refusal = { reason: error?.code ?? 'OTHER_OPERATION', provider, peer: req.ip ?? 'unknown' };
		const request = () => ({
			receivedAt: new Date(Date.now() - durationMs),
			message: withoutReference(error?.message ?? exchange.envelope?.operation ?? ''),
			httpStatus,
			statusCode,
			...factsOf(req),
			size: body.length,
			body,
		});
		if (error?.code !== 'ERR_MM7_UNAUTHORIZED' || authorization !== undefined) return refusals.add(refusal, request);
		refusals.addChallenge(clientOf(req), refusal, request);
		return undefined;
	}

	return function onExchange(exchange: Exchange, req: ReportRequest): void {
		metrics.observe(exchange, req.stored, provider);
		logExchange(log, exchange, { provider, stored: req.stored, kept: refuse(exchange, req) });
	};
}

/** Tells clients apart that may share the address of a proxy. */
function clientOf(req: ReportRequest): string {
	return [req.ip, req.baseUrl, req.get('User-Agent')].join(' ');
}

/** StatusCodes for failures of the receiver. */
const OUR_FAULT: readonly (number | undefined)[] = [4005, 4006];

/**
 * Logs an exchange, without the phone numbers of recipient and sender.
 *
 * @param outcome - whose report it is, what happened to it, and whether a refused request is kept
 */
function logExchange(
	log: Logger,
	exchange: Exchange,
	outcome: { provider: string; stored: Outcome | undefined; kept: boolean | undefined },
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
	else if (error === undefined && report === undefined) log.info(fields, 'other operation acknowledged');
	else if (error === undefined) log.info(fields, 'report acknowledged');
	else if (error.code === 'ERR_MM7_NOT_DELIVERED')
		log.warn(fields, 'report handled, but the client disconnected first');
	// a sender's mistake is a warning; a failure here is an error
	else if (OUR_FAULT.includes(error.statusCode)) log.error({ ...fields, err: error }, 'report not acknowledged');
	else log.warn({ ...fields, err: error }, 'request refused');
}
