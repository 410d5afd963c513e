const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 60 * MINUTE_SECONDS;
/** Retries every six hours for three days, after the first ones. */
const LONG_DELAYS = Array.from({ length: 12 }, () => 6 * HOUR_SECONDS);
/** Seconds before each retry. */
const DELAYS = [5, MINUTE_SECONDS, 5 * MINUTE_SECONDS, 30 * MINUTE_SECONDS, 2 * HOUR_SECONDS, ...LONG_DELAYS];
/** A delay varies by this share, so that the events of an outage do not all come back at once. */
const JITTER = 0.1;
/** The application can ask for a longer delay, up to this. */
const MAX_RETRY_AFTER_SECONDS = 24 * HOUR_SECONDS;

/**
 * The seconds until the next attempt; undefined if there is none.
 *
 * @param failed - the number of failed attempts
 * @param retryAfter - the response's header of that name
 * @param random - from 0 to 1
 */
export function delayAfter(failed: number, retryAfter: string | undefined, random = Math.random()): number | undefined {
	const delay = DELAYS[failed - 1];
	if (delay === undefined) return undefined;
	const wanted = Math.min(secondsOf(retryAfter), MAX_RETRY_AFTER_SECONDS);
	return Math.max(delay * (1 + JITTER * (2 * random - 1)), wanted * (1 + JITTER * random));
}

/** Reads `Retry-After`, which has seconds or a date (RFC 9110 10.2.3). */
function secondsOf(retryAfter: string | undefined): number {
	if (retryAfter === undefined) return 0;
	if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
	const date = Date.parse(retryAfter);
	return Number.isNaN(date) ? 0 : (date - Date.now()) / 1000;
}
