import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:net';
import { inspect } from 'node:util';
import type { Mm7Error, Mm7ErrorCode } from './errors.js';
import { addressList } from './http/address-list.js';

/** Further warnings with the same code are counted for this long instead of printed. */
const QUIET_MS = 60_000;

/** Errors that need no warning: the application rejected the report, or the client disconnected. */
const SILENT: readonly Mm7ErrorCode[] = ['ERR_MM7_REJECTED', 'ERR_MM7_ABORTED'];

/** Makes a function that emits errors as process warnings: one a minute for each code, with the number of omitted ones. */
export function warner(clock = () => performance.now()): (error: Mm7Error) => void {
	const warnings = new Map<Mm7ErrorCode, { at: number; omitted: number }>();
	return function warn(error) {
		if (SILENT.includes(error.code)) return;
		const before = warnings.get(error.code);
		const now = clock();
		if (before && now - before.at < QUIET_MS) {
			before.omitted++;
			return;
		}
		const more = before?.omitted ? ` (${before.omitted} more since the last warning)` : '';
		warnings.set(error.code, { at: now, omitted: 0 });
		process.emitWarning(error.message + more, {
			type: 'Mm7Warning',
			code: error.code,
			...(error.cause === undefined ? {} : { detail: `caused by ${inspect(error.cause)}` }),
		});
	};
}

/** Reports a hook that failed; the response has already been sent. */
export function warnOfHook(error: unknown): void {
	process.emitWarning(`onExchange failed: ${inspect(error)}`, { type: 'Mm7HookWarning', code: 'ERR_MM7_HOOK' });
}

const LOOPBACK = addressList(['127.0.0.0/8', '::1']);

/**
 * Makes a function that warns once if `allowFrom` is `undefined`, usually from an unset variable, and other machines can
 * reach the server. The address it listens on decides, since all requests through a proxy come from one machine.
 */
export function openReceiverWarning(options: { readonly allowFrom?: unknown } = {}): (req: IncomingMessage) => void {
	let isDue = 'allowFrom' in options && options.allowFrom === undefined;
	return function warnIfOpen(req) {
		if (!isDue) return;
		// absent without a server, as on AWS Lambda
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
