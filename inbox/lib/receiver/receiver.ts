import express, { type RequestHandler } from 'express';
import { type DeliveryReport, type HandlerContext, mm7DeliveryReports, type ReadReply } from 'mm7-delivery-reports';
import type { Config } from '../config.js';
import type { Logger } from '../log.js';
import { type Provider, pathOf } from '../providers.js';
import type { Keeper, ReportRequest } from './keeper.js';
import type { ReceiverMetrics } from './metrics.js';
import { authenticateProvider } from './provider-access.js';
import type { RefusalCounter } from './refusals.js';
import { watchExchanges } from './watch-exchanges.js';
import { wrongPath } from './wrong-path.js';

/**
 * `/mm7` and everything below it. Dot segments, escapes and double slashes are excluded, because proxies resolve them
 * before they apply their rules: `/mm7/../x` would bypass a rule for `/mm7`.
 */
const RECEIVER_PATH = /^\/mm7(?:\/[\w~-][\w.~-]*)*\/?$/;

/** Makes the receiver. A report is acknowledged once `keeper` has it; if that fails, the provider retries. */
export function makeReceiver(
	config: Config,
	keeper: Keeper,
	metrics: ReceiverMetrics,
	refusals: RefusalCounter,
	log: Logger,
): RequestHandler {
	function receiverFor({ name, credentials, allowFrom }: Provider): RequestHandler {
		async function receive(report: DeliveryReport | ReadReply, req: ReportRequest, { signal }: HandlerContext) {
			req.stored = await keeper.keepReport(report, req, name, signal);
		}
		return mm7DeliveryReports<ReportRequest>(receive, {
			readReplies: receive,
			authenticate: authenticateProvider(credentials),
			...(allowFrom && { allowFrom }),
			...(config.acceptsOtherOperations && { otherOperations: () => undefined }),
			onExchange: watchExchanges(name, log, metrics, refusals),
		});
	}

	// nginx's `location /mm7` is case-sensitive too, so no other spelling bypasses a rule there
	const router = express.Router({ caseSensitive: true });
	const [provider, ...others] = config.providers;
	if (provider && others.length === 0) router.use(RECEIVER_PATH, receiverFor(provider));
	// with several providers, a path that is not one of theirs is an error
	else for (const each of config.providers) router.all(pathOf(each), receiverFor(each));
	router.use(wrongPath(config.providers.map(pathOf), log, metrics, refusals));
	return router;
}
