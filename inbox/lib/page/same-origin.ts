import type { Request, RequestHandler } from 'express';
import { sendPage } from './views/layout.js';
import { FailurePage } from './views/notices.js';

/** Refuses forms that another site made a browser send. */
export const sameOriginOnly: RequestHandler = (req, res, next) => {
	if (isSameOrigin(req)) return next();
	const text = 'Only a page of this inbox can do this.';
	return sendPage(res.status(403), FailurePage({ title: 'Nothing was changed', text }));
};

/** Browsers send `Sec-Fetch-Site` only over HTTPS and to localhost. */
function isSameOrigin(req: Request): boolean {
	const site = req.get('Sec-Fetch-Site');
	if (site !== undefined) return site === 'same-origin';
	const origin = req.get('Origin');
	return origin === undefined || (URL.canParse(origin) && new URL(origin).host === req.get('Host'));
}
