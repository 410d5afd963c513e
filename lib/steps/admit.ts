import type { IncomingMessage } from 'node:http';
import { quote } from '../checks.js';
import { Mm7Error, Mm7Rejection, reasonOf } from '../errors.js';
import type { Mm7Request } from '../express-types.js';
import type { AddressList } from '../http/address-list.js';
import { within } from '../time-limit.js';

/** Admits a request by returning `true`; anything else rejects it. */
export type Authenticate<Req extends IncomingMessage = Mm7Request> = (req: Req) => boolean | Promise<boolean>;

interface AdmissionOptions<Req extends IncomingMessage> {
	readonly authenticate: Authenticate<Req> | undefined;
	readonly allowFrom: AddressList | undefined;
	/** Milliseconds for `authenticate`. */
	readonly handlerTimeout: number;
}

/**
 * Admits a request, or rejects it before any of its body is read. Fails closed: an `authenticate` that throws or never
 * settles rejects the request too.
 *
 * @throws Mm7Error ERR_MM7_METHOD_NOT_ALLOWED, ERR_MM7_FORBIDDEN, ERR_MM7_UNAUTHORIZED, ERR_MM7_ADMISSION_FAILED
 */
export async function admit<Req extends IncomingMessage>(
	req: Req,
	{ authenticate, allowFrom, handlerTimeout }: AdmissionOptions<Req>,
): Promise<void> {
	if (req.method !== 'POST') throw new Mm7Error('ERR_MM7_METHOD_NOT_ALLOWED');
	if (allowFrom && !allowFrom.includes(remoteAddress(req))) {
		throw new Mm7Error('ERR_MM7_FORBIDDEN', { detail: origin(req) });
	}
	if (!authenticate) return;
	let isAuthentic: unknown;
	try {
		isAuthentic = await within(handlerTimeout, () => authenticate(req));
	} catch (cause) {
		if (cause instanceof Mm7Rejection) throw new Mm7Error('ERR_MM7_FORBIDDEN', { cause, detail: cause.details });
		throw new Mm7Error('ERR_MM7_ADMISSION_FAILED', { cause, detail: `${reasonOf(cause)}, ${origin(req)}` });
	}
	if (isAuthentic === true) return;
	const credentials = req.headers.authorization === undefined ? 'without credentials' : 'with an Authorization header';
	throw new Mm7Error('ERR_MM7_UNAUTHORIZED', { detail: `${origin(req)} ${credentials}` });
}

/** Express's request, or node:http's, which has only the socket. */
type PerhapsExpress = IncomingMessage & { ip?: unknown; app?: { get?(name: string): unknown } };

/** The client's address: Express's `req.ip`, which respects `trust proxy`; the socket's without Express. */
function remoteAddress(req: PerhapsExpress): string | undefined {
	if ('ip' in req) return typeof req.ip === 'string' ? req.ip : undefined;
	return req.socket.remoteAddress;
}

/** The address as `allowFrom` sees it, and why it may be a proxy's. */
function origin(req: PerhapsExpress): string {
	const from = `from ${remoteAddress(req) ?? 'an unknown address'}`;
	const forwarded = req.headers['x-forwarded-for'];
	if (forwarded === undefined || req.app?.get?.('trust proxy')) return from;
	const advice = req.app ? 'Express\'s "trust proxy" is off' : 'without Express it is ignored';
	return `${from} (X-Forwarded-For says ${quote(String(forwarded))}, but ${advice})`;
}
