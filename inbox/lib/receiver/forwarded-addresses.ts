import type { RequestHandler } from 'express';
import type { Logger } from '../log.js';

/** Matches `192.0.2.7:51234`, `[2001:db8::7]` and `[2001:db8::7]:51234` in a list of addresses. */
const DECORATED = /\[([\da-f:.]{2,45})\](?::\d{1,5})?|\b(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}/gi;

/**
 * Removes the ports that Azure and IIS add to the addresses in `X-Forwarded-For`, because Express recognizes a trusted
 * proxy only by its bare address.
 */
export const removeForwardedPorts: RequestHandler = (req, _res, next) => {
	const forwarded = req.get('X-Forwarded-For');
	if (forwarded !== undefined) req.headers['x-forwarded-for'] = forwarded.replace(DECORATED, '$1$2');
	next();
};

/**
 * Logs once that a proxy in front terminates TLS and is not trusted: all addresses are the proxy's, and the page shows
 * a URL for the provider that starts with http.
 */
export function warnOfUntrustedProxy(log: Logger): RequestHandler {
	let isLogged = false;
	return (req, _res, next) => {
		if (!isLogged && req.protocol === 'http' && req.get('X-Forwarded-Proto')?.startsWith('https')) {
			isLogged = true;
			log.warn(
				{ peer: req.socket.remoteAddress },
				'a proxy with TLS forwards requests, but TRUST_PROXY does not name it: all addresses are its own. For a proxy on this machine, set TRUST_PROXY=loopback',
			);
		}
		next();
	};
}
