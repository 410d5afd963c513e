import { inspect } from 'node:util';
import type { Mm7Error, Mm7ErrorCode } from './errors.js';

/** Milliseconds during which further warnings of one code are counted and not printed. */
const QUIET = 60_000;

/** Errors that need no warning: the application refused the report, or the client went away. */
const KNOWN: readonly Mm7ErrorCode[] = ['ERR_MM7_REJECTED', 'ERR_MM7_ABORTED'];

/**
 * Makes a function that reports errors when nobody listens: a process warning with code, message and cause, at most one
 * a minute for each code, with the number that was left out.
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

/** Reports a hook that failed: the answer has been sent, so there is nobody else to tell. */
export function warnOfHook(error: unknown): void {
	process.emitWarning(`onExchange failed: ${inspect(error)}`, { type: 'Mm7HookWarning', code: 'ERR_MM7_HOOK' });
}
