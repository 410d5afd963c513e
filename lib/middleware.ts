import { type IncomingHttpHeaders, IncomingMessage, type ServerResponse } from 'node:http';
import { quote } from './checks.js';
import { asMm7Error, Mm7Error } from './errors.js';
import { type Exchange, ExchangeLog } from './exchange.js';
import type { Mm7Request } from './express-types.js';
import { release, releaseAfter } from './http/inflation-turns.js';
import type { DeliveryReport, ReadReply } from './mm7/messages.js';
import { completeOptions, type Options } from './options.js';
import { admit } from './steps/admit.js';
import { addressee, answerFor, responseFor } from './steps/answer.js';
import { decode } from './steps/decode.js';
import { duplicateKey, type Handled, watchDuplicates } from './steps/duplicates.js';
import { findRootPart } from './steps/find-root-part.js';
import { bodyReader } from './steps/read-body.js';
import {
	isDeliveryReport,
	isReadReply,
	type ParsedEnvelope,
	readEnvelope,
	requireTransactionId,
} from './steps/read-envelope.js';
import { readReadReply, readReport } from './steps/read-report.js';
import { type CallHandler, type Handler, type Once, runHandler } from './steps/run-handler.js';
import { send } from './steps/send.js';
import { exchangeTraces, handlerTraces } from './tracing.js';
import { openReceiverWarning, warner } from './warnings.js';

/** A Connect-style middleware, for Express and others. */
export type Middleware<Req extends IncomingMessage = Mm7Request> = (
	req: Req,
	res: ServerResponse,
	next: (error?: unknown) => void,
) => Promise<void>;

/**
 * Receives MM7 delivery reports: reads the request, passes the typed report to the handler, and sends the SOAP response
 * that makes the provider stop or retry.
 *
 * @param handler - stores or forwards a report; its outcome determines the response, see {@link Handler}
 * @param options - see {@link Options}
 * @returns the middleware, to be mounted with `app.use(path, …)`; it calls `next` only if `otherOperations` is `'next'`,
 * or if it is mounted without a path and the request is not a POST
 * @throws TypeError for a handler that is not a function, an unknown option or a bad value
 * @example
 * app.use('/mm7', mm7DeliveryReports(async (report) => {
 *   await saveStatus(report.messageId, report.recipient.number, report.state);
 * }));
 */
export function mm7DeliveryReports<Req extends IncomingMessage = Mm7Request>(
	handler: Handler<Req>,
	options?: Options<NoInfer<Req>>,
): Middleware<Req> {
	checkHandler(handler);
	// biome-ignore lint/complexity/noArguments: a third argument is a mistake
	if (arguments.length > 2)
		throw new TypeError(`mm7DeliveryReports takes a handler and one object of options: ${FORM}`);
	const config = completeOptions(options);
	const readBody = bodyReader(config);
	const handleOnce = config.deduplicate ? watchDuplicates(config.deduplicate, config.handlerTimeout) : undefined;
	const warn = warner();
	const warnIfOpen = openReceiverWarning(options);

	/** Handles one request. Without a response, the request is for the next middleware. */
	async function receive(req: Req & Express.Request, res: ServerResponse, log: ExchangeLog<Req>) {
		const { headers } = req;
		await admit(req, config);
		log.body = await readBody(req, res);
		const root = findRootPart(log.body, headers, config.limits);
		log.parsed = readEnvelope(decode(root), config.limits);
		req.mm7Envelope = log.parsed.envelope;
		if (root.refusal) throw root.refusal;
		log.handled = await handle(log.parsed, headers, log);
		return log.handled && responseFor(addressee(log.parsed, headers, config), log.handled.status);
	}

	/** Reads the report or reply, and runs the handler of the operation. */
	async function handle(parsed: ParsedEnvelope, headers: IncomingHttpHeaders, log: ExchangeLog<Req>) {
		const { envelope, refusal } = parsed;
		const req: Req & Express.Request = log.req;
		if (refusal) throw refusal;
		const { readReplies, otherOperations } = config;
		if (isDeliveryReport(envelope)) {
			const report = readReport(parsed, headers, new Date());
			log.report = req.deliveryReport = report;
			return run((context) => handler(report, req, context), log, report);
		}
		if (readReplies && isReadReply(envelope)) {
			const reply = readReadReply(parsed, headers, new Date());
			log.readReply = req.readReply = reply;
			return run((context) => readReplies(reply, req, context), log, reply);
		}
		if (otherOperations === 'next') return undefined;
		if (typeof otherOperations !== 'function') throw new Mm7Error('ERR_MM7_OPERATION', { detail: envelope.operation });
		requireTransactionId(envelope);
		return run((context) => otherOperations(envelope, req, context), log);
	}

	function run(call: CallHandler, log: ExchangeLog<Req>, report?: DeliveryReport | ReadReply): Promise<Handled> {
		const { req } = log;
		const traced: CallHandler = handlerTraces.hasSubscribers
			? (context) => handlerTraces.tracePromise(async () => call(context), { req })
			: call;
		const once: Once | undefined =
			handleOnce && report && ((handle) => handleOnce(duplicateKey(report), handle, log.onStoreError));
		return runHandler(traced, config.handlerTimeout, once, log.onLate);
	}

	/** Resolves after the response; with `undefined` if the request is for the next middleware. */
	async function exchange(req: Req, res: ServerResponse, next: () => void): Promise<Exchange | undefined> {
		const log = new ExchangeLog(req, config.onExchange, warn);
		const answer = await receive(req, res, log).catch((thrown: unknown) => {
			log.error = asMm7Error(thrown, 'ERR_MM7_INTERNAL');
			return answerFor(addressee(log.parsed, req.headers, config, log.error), log.error, config.clientFaultStatus);
		});
		if (!answer) {
			release(log.body);
			next();
			return undefined;
		}
		const published = log.answered(answer, send(req, res, answer), res.statusCode);
		void releaseAfter(published, log.body, () => {
			log.body = undefined;
			(req as { body?: unknown }).body = undefined;
		});
		return published;
	}

	return async function mm7DeliveryReportsMiddleware(req, res, next) {
		if (isForOthers(req)) return next();
		warnIfOpen(req);
		await exchangeTraces.tracePromise(() => exchange(req, res, next), { req });
	};
}

const FORM = 'mm7DeliveryReports(handler, { … })';

function checkHandler(handler: unknown): void {
	if (handler instanceof IncomingMessage) {
		throw new TypeError('mm7DeliveryReports must be called: app.use(path, mm7DeliveryReports(handler))');
	}
	if (typeof handler !== 'function') throw new TypeError(`handler must be a function, not ${quote(handler)}`);
}

/** Mounted without a path, this middleware sees every request to the site, pages and health checks included. */
function isForOthers(req: IncomingMessage & { baseUrl?: unknown; route?: unknown }): boolean {
	return req.method !== 'POST' && req.baseUrl === '' && req.route === undefined;
}
