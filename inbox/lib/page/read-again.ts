import type { RequestHandler } from 'express';
import { readId } from '../store/read/filters.js';
import type { ReadAgain } from '../store/read-again.js';
import { urlOf } from './url.js';
import { sendPage } from './views/layout.js';
import { ReadAgainPage } from './views/refused-pages.js';

/**
 * Reads one refused request again (`?id=`), or all with the same reason (`?reason=`), and shows what happened to them.
 *
 * @param onNews - called after reports were stored
 */
export function readRefusedAgain({ readAgain }: ReadAgain, onNews: () => void): RequestHandler {
	return async function respond(req, res) {
		const params = urlOf(req).searchParams;
		const id = readId(params, 'id');
		const reason = params.get('reason') ?? '';
		const result = await readAgain(id === undefined ? { reason } : { id });
		onNews();
		await sendPage(res, ReadAgainPage({ result }));
	};
}
