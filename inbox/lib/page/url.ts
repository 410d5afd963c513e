import type { Request } from 'express';

/** The URL of a request; only its path and its query mean something. */
export function urlOf(req: Request): URL {
	// behind a name and not relative to it, so that a path like //example.net stays one
	return new URL(`http://inbox${req.originalUrl}`);
}
