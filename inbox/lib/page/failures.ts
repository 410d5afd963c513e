import type { ErrorRequestHandler } from 'express';
import type { Logger } from '../log.js';
import { DatabaseError } from '../store/database.js';
import { BadUrl } from '../store/read/filters.js';
import { sendPage } from './views/layout.js';
import { FailurePage } from './views/notices.js';

/** Responds to errors with a page that explains them; Express would send the stack trace. */
export function failureHandler(log: Logger): ErrorRequestHandler {
	return (err, _req, res, _next) => {
		if (err instanceof BadUrl) {
			return sendPage(res.status(400), FailurePage({ title: 'Invalid address', text: `${err.message}.` }));
		}
		// of the body parser
		if (err.expose === true && err.status < 500) {
			return sendPage(res.status(err.status), FailurePage({ title: 'Invalid request', text: `${err.message}.` }));
		}
		// a canceled download is not a failure
		if (err.code !== 'ERR_STREAM_PREMATURE_CLOSE') log.error({ err }, 'failed to show a page');
		if (res.headersSent) return void res.destroy();
		if (!(err instanceof DatabaseError) || err.failure === 'refused') {
			const text = 'It has logged the error. Please report it to the developers of the inbox.';
			return sendPage(res.status(500), FailurePage({ title: 'The inbox has a defect', text }));
		}
		if (err.failure === 'slow') {
			return sendPage(res.status(503), FailurePage({ title: 'This takes too long', text: 'Narrow the time range.' }));
		}
		const title = 'The database is not responding';
		const text =
			'Reports are not acknowledged in the meantime, so the provider retries them. This page reloads automatically.';
		return sendPage(res.status(503).set('Retry-After', '5'), FailurePage({ title, text, retries: true }));
	};
}
