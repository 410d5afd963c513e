import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { BadUrl } from '../store/read/filters.js';
import { FailurePage } from './views/failure-page.js';
import { sendPage } from './views/layout.js';

/** Says in words what is wrong; Express would send the stack. */
export function failureHandler(log: Logger): ErrorRequestHandler {
	return (err, _req, res, _next) => {
		if (err instanceof BadUrl) {
			return sendPage(res.status(400), FailurePage({ title: 'This address is wrong', text: `${err.message}.` }));
		}
		// a reader who leaves in the middle of a file is no failure
		if (err.code !== 'ERR_STREAM_PREMATURE_CLOSE') log.error({ err }, 'a page could not be shown');
		if (res.headersSent) return void res.destroy();
		const title = 'The database does not answer';
		const text =
			'Reports are not acknowledged meanwhile, so the provider sends them again. This page comes back by itself.';
		return sendPage(res.status(503).set('Retry-After', '5'), FailurePage({ title, text, retries: true }));
	};
}
