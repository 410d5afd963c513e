import type { Request } from 'express';

/** Checks that a form on this site sent it. Browsers send `Sec-Fetch-Site` only over HTTPS and to localhost. */
export function isSameOrigin(req: Request): boolean {
	const site = req.get('Sec-Fetch-Site');
	if (site !== undefined) return site === 'same-origin';
	const origin = req.get('Origin');
	return origin === undefined || (URL.canParse(origin) && new URL(origin).host === req.get('Host'));
}
