import type { RequestHandler } from 'express';
import type { Logger } from '../log.js';
import { maskNumbers } from '../log.js';
import type { ReceiverMetrics } from './metrics.js';

/**
 * Rejects a POST to any other path, names the right one, and logs the mistake. Has to come after the receiver; the rest
 * of the inbox has no use for POST.
 */
export function wrongPath(log: Logger, metrics: Pick<ReceiverMetrics, 'httpRejected'>): RequestHandler {
	return function rejectWrongPath(req, res, next) {
		if (req.method !== 'POST') return next();
		metrics.httpRejected('WRONG_PATH');
		log.warn({ path: maskNumbers(req.path), peer: req.ip }, 'POST to a path that does not receive reports; use /mm7');
		res.status(404).type('text/plain').send('Delivery reports are received at /mm7. POST them there.\n');
	};
}
