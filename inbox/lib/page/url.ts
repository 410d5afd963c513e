import type { Request } from 'express';
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
