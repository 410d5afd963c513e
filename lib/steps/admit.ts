import type { IncomingMessage } from 'node:http';
import { quote } from '../checks.js';
import { Mm7Error, reasonOf } from '../errors.js';
import type { Mm7Request } from '../express-types.js';
import type { AddressList } from '../http/address-list.js';
import { within } from '../time-limit.js';

/** Decides whether a request may come in; anything but `true` refuses it. */
export type Authenticate<Req extends IncomingMessage = Mm7Request> = (req: Req) => boolean | Promise<boolean>;

/** Who may send. */
export interface AdmissionOptions<Req extends IncomingMessage> {
	readonly authenticate: Authenticate<Req> | undefined;
	readonly allowFrom: AddressList | undefined;
	/** Milliseconds that `authenticate` may take, as a handler may. */
	readonly handlerTimeout: number;
}

/**
 * Lets a request in, or refuses it before a byte of its body is read. Fails closed: a check that throws or
 * never answers is a refusal too; an Mm7Error that it throws becomes the response.
 *
 * @throws Mm7Error ERR_MM7_METHOD_NOT_ALLOWED, ERR_MM7_FORBIDDEN, ERR_MM7_UNAUTHORIZED, ERR_MM7_ADMISSION_FAILED
 */
export async function admit<Req extends IncomingMessage>(
	req: Req,
	{ authenticate, allowFrom, handlerTimeout }: AdmissionOptions<Req>,
): Promise<void> {
	if (req.method !== 'POST') throw new Mm7Error('ERR_MM7_METHOD_NOT_ALLOWED');
	if (allowFrom && !allowFrom.includes(remoteAddress(req))) {
		throw new Mm7Error('ERR_MM7_FORBIDDEN', { detail: whoCame(req) });
	}
	if (!authenticate) return;
	let authentic: unknown;
	try {
		authentic = await within(handlerTimeout, () => authenticate(req));
	} catch (cause) {
		if (cause instanceof Mm7Error) throw cause;
		throw new Mm7Error('ERR_MM7_ADMISSION_FAILED', { cause, detail: `${reasonOf(cause)}, ${whoCame(req)}` });
	}
	if (authentic === true) return;
	const sent = req.headers.authorization === undefined ? 'without credentials' : 'with an Authorization header';
	throw new Mm7Error('ERR_MM7_UNAUTHORIZED', { detail: `${whoCame(req)} ${sent}` });
}

/** What this step knows of an Express request; of one of node:http there is only the socket. */
type PerhapsExpress = IncomingMessage & { ip?: unknown; app?: { get?(name: string): unknown } };

/** The client's address: Express's `req.ip`, which respects `trust proxy`; the socket's without Express. */
function remoteAddress(req: PerhapsExpress): string | undefined {
	if ('ip' in req) return typeof req.ip === 'string' ? req.ip : undefined;
	return req.socket.remoteAddress;
}

/** The address as `allowFrom` sees it, and why it may be the proxy's. */
function whoCame(req: PerhapsExpress): string {
	const from = `from ${remoteAddress(req) ?? 'an unknown address'}`;
	const forwarded = req.headers['x-forwarded-for'];
	if (forwarded === undefined || req.app?.get?.('trust proxy')) return from;
	const advice = req.app ? 'Express\'s "trust proxy" is off' : 'without Express it is not read';
	return `${from} (X-Forwarded-For says ${quote(String(forwarded))}, but ${advice})`;
}
