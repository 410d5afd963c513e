import express, { type Request, type RequestHandler } from 'express';
import type { Logger } from '../log.js';
import { type Erasure, erasableKeys } from '../store/erasure.js';
import { ErasePage } from './views/erase-page.js';
import { sendPage } from './views/layout.js';

/**
 * Handles the form that erases a number: first it shows what would be erased; once that is confirmed, it erases it. The
 * number is in the body, because addresses end up in the logs of proxies.
 *
 * @param onNews - called after something was erased
 */
export function eraseNumber(erasure: Erasure, log: Logger, onNews: () => void): RequestHandler[] {
	return [
		express.urlencoded({ extended: false }),
		async (req: Request, res) => {
			const { number, confirmed } = (req.body ?? {}) as Readonly<Record<string, unknown>>;
			const keys = typeof number === 'string' ? erasableKeys(number) : [];
			if (typeof number !== 'string' || keys.length === 0) {
				return sendPage(res.status(400), ErasePage({ step: 'rejected' }));
			}
			if (confirmed !== 'true') {
				return sendPage(res, ErasePage({ step: 'found', number, traces: await erasure.find(keys) }));
			}
			const traces = await erasure.erase(keys);
			log.info(traces, 'a number was erased');
			onNews();
			await sendPage(res, ErasePage({ step: 'erased', traces }));
		},
	];
}
