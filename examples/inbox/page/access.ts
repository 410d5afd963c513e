import type { Request, RequestHandler } from 'express';
import { basicAuth } from 'mm7-delivery-reports';
import type { Credentials } from '../config.js';

const LOOPBACK_ADDRESS = /^(?:::ffff:)?127\.|^::1$/;
const LOOPBACK_NAME = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/i;

/**
 * Keeps the telephone numbers from strangers: with credentials, whoever has them may read; without, only a browser on
 * this machine.
 */
export function restrictAccess(credentials: Credentials | undefined): RequestHandler {
	if (!credentials) {
		return function onlyThisMachine(req, res, next) {
			if (isLocal(req)) next();
			else res.status(403).type('text').send('Set PAGE_USER and PAGE_PASSWORD to read this from another machine\n');
		};
	}
	const authenticate = basicAuth({ [credentials.user]: credentials.password });
	return async function onlyWithPassword(req, res, next) {
		if ((await authenticate(req)) === true) next();
		else
			res
				.status(401)
				.set('WWW-Authenticate', 'Basic realm="inbox", charset="UTF-8"')
				.type('text')
				.send('Please log in\n');
	};
}

/**
 * Whether a request was made on this machine. A proxy on this machine speaks for others, and a name that is not
 * ours may be a foreign page that had itself resolved to 127.0.0.1.
 */
function isLocal(req: Request): boolean {
	const forwarded = req.headers['x-forwarded-for'] ?? req.headers['forwarded'] ?? req.headers['via'];
	const name = (req.headers.host ?? '').replace(/:\d+$/, '');
	return forwarded === undefined && LOOPBACK_ADDRESS.test(req.socket.remoteAddress ?? '') && LOOPBACK_NAME.test(name);
}
