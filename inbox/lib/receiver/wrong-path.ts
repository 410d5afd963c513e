import type { RequestHandler } from 'express';
import type { Logger } from '../log.js';
import { maskNumbers } from '../log.js';
import type { ReceiverMetrics } from './metrics.js';
import { factsOf, type RefusalCounter } from './refusals.js';

/** Content-Types of requests that may be reports; scanners send forms and JSON. */
const MAY_BE_REPORT = /xml|multipart\/(?!form-data)|text\/plain/i;

/**
 * Rejects a POST to any other path, names the right ones, and logs the mistake. Has to come after the receiver; the rest
 * of the inbox has no use for POST.
 */
export function wrongPath(
	paths: readonly string[],
	log: Logger,
	metrics: Pick<ReceiverMetrics, 'httpRejected'>,
	refusals: RefusalCounter,
): RequestHandler {
	const right = paths.join(' or ');
	return function rejectWrongPath(req, res, next) {
		if (req.method !== 'POST') return next();
		const reason = MAY_BE_REPORT.test(req.headers['content-type'] ?? 'xml') ? 'WRONG_PATH' : 'NOT_FOUND';
		metrics.httpRejected(reason);
		log.warn(
			{ path: maskNumbers(req.path), peer: req.ip },
			`POST to a path that does not receive reports; use ${right}`,
		);
		res.status(404).type('text/plain').send(`Delivery reports are received at ${right}. POST them there.\n`);
		refusals.add({ reason, provider: '', peer: req.ip ?? 'unknown' }, () => ({
			receivedAt: new Date(),
			message: 'POST to a path that does not receive reports',
			httpStatus: 404,
			...factsOf(req),
			size: Number(req.headers['content-length']) || 0,
			body: Buffer.alloc(0),
		}));
	};
}
