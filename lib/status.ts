import { isStatusCode, statusTextOf } from './mm7/status-codes.js';

/** The Status of an MM7 answer (TS 23.140 section 8.7.8). */
export interface Mm7Status {
	/** Four digits; 1xxx accepts the report, anything else refuses it. */
	readonly statusCode: number;
	/** Default: the standard text of the code. */
	readonly statusText?: string | undefined;
	/** Free text for the provider; left out where it is absent. */
	readonly details?: string | undefined;
}

/** The status of a handler that returns nothing. */
export const SUCCESS: Mm7Status = { statusCode: 1000 };

/** Whether a value is a status by its shape; a `Mm7Rejection` of another copy of this package is one too. */
export function isMm7Status(value: unknown): value is Mm7Status {
	return typeof value === 'object' && value !== null && isStatusCode((value as Partial<Mm7Status>).statusCode);
}

/** The StatusText to send: the given one, else the standard one. */
export function textOf({ statusCode, statusText }: Mm7Status): string {
	return typeof statusText === 'string' && statusText !== '' ? statusText : statusTextOf(statusCode);
}
