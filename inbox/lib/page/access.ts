import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import path from 'node:path';
import type { Request, RequestHandler, Response } from 'express';
import { basicAuth } from 'mm7-delivery-reports';
import type { Credentials } from '../config.js';
import { urlOf } from './url.js';
import { sendPage } from './views/layout.js';
import { accessPage, reloadPage } from './views/notices.js';

/** Controls access to the page. */
export interface Access {
	/** Passes on authorized requests and responds to all others with 401. */
	readonly handler: RequestHandler;
	/** The path that opens the page: `/`, or `/?token=…`. */
	readonly path: string;
}

/**
 * Protects the phone numbers on the page. Users need the credentials or, if none are set, the link with the token. A
 * request's address proves nothing: a proxy on this machine may forward requests for anyone.
 *
 * @param token - default: a new one at each start
 */
export function makeAccess(credentials: Credentials | undefined, token?: string): Access {
	if (credentials) return { handler: byPassword(credentials), path: '/' };
	return byToken(token ?? randomBytes(24).toString('base64url'), token === undefined ? 'new token' : 'fixed token');
}

function byPassword({ user, password }: Credentials): RequestHandler {
	const authenticate = basicAuth({ [user]: password });
	return async function onlyWithPassword(req, res, next) {
		if ((await authenticate(req)) === true) return next();
		res.set('WWW-Authenticate', 'Basic realm="inbox", charset="UTF-8"');
		await sendPage(res.status(401), accessPage('password'));
	};
}

/** Accepts the token from the link, which sets a cookie. Scripts can send it as `Authorization: Bearer …`. */
function byToken(token: string, kind: 'new token' | 'fixed token'): Access {
	// cookies ignore ports, so two inboxes on one machine need different names
	const cookie = `inbox-${digest(token).toString('hex').slice(0, 8)}`;
	const isToken = (text: string | undefined | null) =>
		typeof text === 'string' && timingSafeEqual(digest(text), digest(token));

	function onlyWithToken(req: Request, res: Response, next: () => void): void {
		const url = urlOf(req);
		if (isToken(url.searchParams.get('token'))) {
			res.cookie(cookie, token, { httpOnly: true, sameSite: 'strict', secure: isHttps(req) });
			url.searchParams.delete('token');
			// not an HTTP redirect: after a link on another site, the browser would not send the strict cookie with it
			void sendPage(res, reloadPage(`./${path.posix.basename(url.pathname)}${url.search}`));
		} else if (isToken(cookieOf(req, cookie)) || isToken(bearerOf(req))) next();
		else if (req.get('Sec-Fetch-Site') === 'cross-site' && req.get('Sec-Fetch-Mode') === 'navigate') {
			// after a link on another site, the same request from our own page includes the cookie if there is one
			void sendPage(res.status(401), reloadPage(''));
		} else void sendPage(res.status(401), accessPage(kind));
	}
	return { handler: onlyWithToken, path: `/?token=${token}` };
}

/** Trusts any proxy, because a false header only makes the cookie stricter. */
function isHttps(req: Request): boolean {
	return req.secure || req.get('X-Forwarded-Proto')?.startsWith('https') === true;
}

function cookieOf(req: Request, name: string): string | undefined {
	const cookies = req.get('Cookie')?.split('; ') ?? [];
	return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1);
}

function bearerOf(req: Request): string | undefined {
	return /^Bearer (\S+)$/.exec(req.get('Authorization') ?? '')?.[1];
}

function digest(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}
