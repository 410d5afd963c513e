import type { Request, Response } from 'express';
import { readZone, type Zone } from '../zone.js';

/** The URL of a request; only its path and query are meaningful. */
export function urlOf(req: Request): URL {
	// prefixed, not resolved, so a path like //example.net stays a path
	return new URL(`http://inbox${req.originalUrl}`);
}

/** The time zone that a request's URL names; undefined if it names none that exists. */
export function zoneOf(req: Request): Zone | undefined {
	return readZone(urlOf(req).searchParams.get('tz') ?? '');
}

/** Adds a zone to a relative address. */
export function withZone(href: string, zone: Zone): string {
	const [address = '', fragment] = href.split('#');
	// slashes need no escape in a query
	const tz = `tz=${encodeURIComponent(zone).replaceAll('%2F', '/')}`;
	return `${address}${address.includes('?') ? '&' : '?'}${tz}${fragment === undefined ? '' : `#${fragment}`}`;
}

/** Sends a browser to a page of the inbox after a form, in the zone of the form's address. */
export function redirectTo(res: Response, href: string): void {
	const zone = zoneOf(res.req);
	res.redirect(303, zone === undefined ? href : withZone(href, zone));
}
