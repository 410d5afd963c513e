import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:net';
import { inspect } from 'node:util';
import type { Mm7Error, Mm7ErrorCode } from './errors.js';
import { addressList } from './http/address-list.js';

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

const LOOPBACK = addressList(['127.0.0.0/8', '::1']);

/**
 * Makes a function that warns once if `allowFrom` was given as `undefined`, usually from an unset variable, and other
 * machines can reach the server. The address it listens on counts, since behind a proxy all requests come from one
 * machine; and only a request leads to its server.
 */
export function openReceiverWarning(options: { readonly allowFrom?: unknown } = {}): (req: IncomingMessage) => void {
	let isDue = 'allowFrom' in options && options.allowFrom === undefined;
	return function warnIfOpen(req) {
		if (!isDue) return;
		// absent where there is no server, as on AWS Lambda
		const { server } = (req.socket ?? {}) as { readonly server?: Partial<Server> };
		const listening = server?.address?.();
		if (typeof listening !== 'object' || listening === null || LOOPBACK.includes(listening.address)) return;
		isDue = false;
		const { address, port } = listening;
		process.emitWarning(
			`allowFrom is undefined, so any address may send reports to the server on ${address} port ${port} ` +
				'(docs/errors.md#err_mm7_allow_from_unset)',
			{ type: 'Mm7Warning', code: 'ERR_MM7_ALLOW_FROM_UNSET' },
		);
	};
}
