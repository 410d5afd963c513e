import type { RequestHandler } from 'express';
import type { Outbox } from '../store/outbox.js';
import { redirectTo, urlOf } from './url.js';
import { sendPage } from './views/layout.js';
import { FailurePage } from './views/notices.js';

/**
 * Records an event with the current state of a message (`?key=`), and returns to its page.
 *
 * @param onNews - called after an event was recorded
 */
export function sendAgain(outbox: Pick<Outbox, 'resend'>, onNews: () => void): RequestHandler {
	return async function respond(req, res) {
		const key = urlOf(req).searchParams.get('key') ?? '';
		if (await outbox.resend(key)) {
			onNews();
			return redirectTo(res, `./message?key=${encodeURIComponent(key)}`);
		}
		const text = 'There is no such message, or the inbox sends no events. FORWARD_URL in its README explains them.';
		return sendPage(res.status(404), FailurePage({ title: 'Not sent', text }));
	};
}
