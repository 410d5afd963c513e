import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import path from 'node:path';
import type { Request, RequestHandler, Response } from 'express';
import { basicAuth } from 'mm7-delivery-reports';
import type { Credentials } from '../config.js';
import { urlOf } from './url.js';
import { accessPage, reloadPage } from './views/access-pages.js';
import { sendPage } from './views/layout.js';

/** Who may read the page. */
export interface Access {
	/** Lets readers through, and answers everybody else with 401. */
	readonly handler: RequestHandler;
	/** The link that opens the page, from its root: `/`, or `/?token=…`. */
	readonly path: string;
}

/**
 * Keeps the telephone numbers from strangers. With credentials, whoever has them may read. Without, whoever has the
 * link with the token, which is another one after each start: where a request came from says nothing, for a proxy on
 * this machine speaks for everybody.
 */
export function makeAccess(credentials: Credentials | undefined): Access {
	return credentials ? { handler: byPassword(credentials), path: '/' } : byToken(randomBytes(24).toString('base64url'));
}

function byPassword({ user, password }: Credentials): RequestHandler {
	const authenticate = basicAuth({ [user]: password });
	return async function onlyWithPassword(req, res, next) {
		if ((await authenticate(req)) === true) return next();
		res.set('WWW-Authenticate', 'Basic realm="inbox", charset="UTF-8"');
		await sendPage(res.status(401), accessPage('password'));
	};
}

/** The token comes in the link once, then as a cookie; scripts may send it as `Authorization: Bearer …`. */
function byToken(token: string): Access {
	// two inboxes on one machine share their cookies, for a port is no part of a cookie's place
	const cookie = `inbox-${digest(token).toString('hex').slice(0, 8)}`;
	const isToken = (text: string | undefined | null) =>
		typeof text === 'string' && timingSafeEqual(digest(text), digest(token));

	function onlyWithToken(req: Request, res: Response, next: () => void): void {
		const url = urlOf(req);
		if (isToken(url.searchParams.get('token'))) {
			res.cookie(cookie, token, { httpOnly: true, sameSite: 'strict', secure: isHttps(req) });
			url.searchParams.delete('token');
			// no redirect: the browser would not send a strict cookie if the link was on a page of another site
			void sendPage(res, reloadPage(`./${path.posix.basename(url.pathname)}${url.search}`));
		} else if (isToken(cookieOf(req, cookie)) || isToken(bearerOf(req))) next();
		else if (req.get('Sec-Fetch-Site') === 'cross-site' && req.get('Sec-Fetch-Mode') === 'navigate') {
			// a shared link: the same request from a page of our own has the cookie if there is one
			void sendPage(res.status(401), reloadPage(''));
		} else void sendPage(res.status(401), accessPage('token'));
	}
	return { handler: onlyWithToken, path: `/?token=${token}` };
}

/** A proxy's word is enough here: a wrong one only makes the cookie stricter. */
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
