import { inspect } from 'node:util';
import type { Mm7Error, Mm7ErrorCode } from './errors.js';

/** Milliseconds during which further warnings of one code are counted and not printed. */
const QUIET = 60_000;

/** Errors that somebody knows of: the application refused, or the client went away. */
const KNOWN: readonly Mm7ErrorCode[] = ['ERR_MM7_REJECTED', 'ERR_MM7_ABORTED'];

/**
 * Makes what tells of errors where nobody listens: a process warning with code, message and cause, at most one a minute
 * for each code, with the number of those left out.
 *
 * @param clock - milliseconds
 */
export function warner(clock = () => performance.now()): (error: Mm7Error) => void {
	const told = new Map<Mm7ErrorCode, { at: number; leftOut: number }>();
	return function warn(error) {
		if (KNOWN.includes(error.code)) return;
		const before = told.get(error.code);
		const now = clock();
		if (before && now - before.at < QUIET) {
			before.leftOut++;
			return;
		}
		const more = before?.leftOut ? ` (${before.leftOut} more since the last warning)` : '';
		told.set(error.code, { at: now, leftOut: 0 });
		process.emitWarning(error.message + more, {
			type: 'Mm7Warning',
			code: error.code,
			...(error.cause === undefined ? {} : { detail: `caused by ${inspect(error.cause)}` }),
		});
	};
}

/** Tells of a hook that failed: its answer is out, and nobody could do anything about it. */
export function warnOfHook(error: unknown): void {
	process.emitWarning(`onExchange failed: ${inspect(error)}`, { type: 'Mm7HookWarning', code: 'ERR_MM7_HOOK' });
}
