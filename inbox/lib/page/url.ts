import type { Request } from 'express';

/** The URL of a request; only its path and query are meaningful. */
export function urlOf(req: Request): URL {
	// prefixed, not resolved, so a path like //example.net stays a path
	return new URL(`http://inbox${req.originalUrl}`);
}
