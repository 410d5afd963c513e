import type { IncomingMessage, ServerResponse } from 'node:http';
import { asMm7Error } from './errors.js';
import { ExchangeLog } from './exchange.js';
import { completeOptions, type Options } from './options.js';
import type { Mm7Request } from './request.js';
import { admit } from './steps/admit.js';
import { type Answer, addressee, answerFor, responseFor, send } from './steps/answer.js';
import { decode } from './steps/decode.js';
import { watchDuplicates } from './steps/duplicates.js';
import { findRootPart } from './steps/find-root-part.js';
import { bodyReader } from './steps/read-body.js';
import { isDeliveryReport, readEnvelope, refuseVersion } from './steps/read-envelope.js';
import { readReport } from './steps/read-report.js';
import { type Handler, outcomeOf } from './steps/run-handler.js';

/** A Connect-style middleware, as Express takes it. */
export type Middleware<Req extends IncomingMessage = Mm7Request> = (
	req: Req,
	res: ServerResponse,
	next: (error?: unknown) => void,
) => Promise<void>;

/**
 * Receives MM7 delivery reports: reads the request, hands the typed report to the handler, and answers in SOAP so
 * that the provider stops or sends again.
 *
 * @param handler - does something lasting with a report; its outcome becomes the answer, see {@link Handler}
 * @param options - see {@link Options}
 * @returns the middleware, to be mounted with `app.use(path, …)`; it never calls `next` but with
 * `otherOperations: 'next'`
 * @throws TypeError for a handler that is no function, an unknown option or a bad value
 * @example
 * app.use('/mm7', mm7DeliveryReports(async (report) => {
 *   await saveStatus(report.messageId, report.recipient.number, report.state);
 * }));
 */
export function mm7DeliveryReports<Req extends IncomingMessage = Mm7Request>(
	handler: Handler<Req>,
	options?: Options<Req>,
): Middleware<Req> {
	const config = completeOptions(options);
	const readBody = bodyReader(config);
	const handleOnce = config.deduplicate && watchDuplicates(config.deduplicate, config.handlerTimeout);
	const settle = outcomeOf(handler, config.handlerTimeout, handleOnce);

	/** The way of one request; without an answer of ours it is somebody else's. */
	async function receive(req: Req & Express.Request, res: ServerResponse, log: ExchangeLog<Req>) {
		await admit(req, config);
		log.body = await readBody(req, res);
		const { headers } = req;
		const root = findRootPart(log.body, headers, config);
		log.parsed = readEnvelope(decode(root), config);
		req.mm7Envelope = log.parsed.envelope;
		if (config.otherOperations === 'next' && !isDeliveryReport(log.parsed.envelope)) return undefined;
		refuseVersion(log.parsed.envelope, config.mm7Versions);
		log.report = readReport(log.parsed, headers, new Date());
		req.deliveryReport = log.report;
		log.handled = await settle(log.report, req, log);
		return responseFor(addressee(log.parsed), log.handled.status);
	}

	function refuse(thrown: unknown, log: ExchangeLog<Req>) {
		log.error = asMm7Error(thrown, 'ERR_MM7_INTERNAL');
		return answerFor(addressee(log.parsed, log.error), log.error, config.clientFaultStatus);
	}

	return async function mm7DeliveryReportsMiddleware(req, res, next) {
		const log = new ExchangeLog(req, config.onExchange);
		let answer: Answer | undefined;
		try {
			answer = await receive(req, res, log);
		} catch (thrown) {
			answer = refuse(thrown, log);
		}
		if (answer) log.answered(answer, send(req, res, answer));
		else next();
	};
}
