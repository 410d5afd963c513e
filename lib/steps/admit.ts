import type { IncomingMessage } from 'node:http';
import { Mm7Error } from '../errors.js';
import type { AddressList } from '../http/address-list.js';
import type { Mm7Request } from '../request.js';
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
 * Step 0: lets a request in, or refuses it before a byte of its body is read. Fails closed: a check that throws or
 * never answers is a refusal too.
 *
 * @throws Mm7Error ERR_MM7_METHOD_NOT_ALLOWED, ERR_MM7_FORBIDDEN, ERR_MM7_UNAUTHORIZED, ERR_MM7_ADMISSION_FAILED
 */
export function admit<Req extends IncomingMessage>(
	req: Req,
	{ authenticate, allowFrom, handlerTimeout }: AdmissionOptions<Req>,
): void | Promise<void> {
	if (req.method !== 'POST') throw new Mm7Error('ERR_MM7_METHOD_NOT_ALLOWED');
	if (allowFrom && !allowFrom.includes(remoteAddress(req))) throw new Mm7Error('ERR_MM7_FORBIDDEN');
	if (authenticate) return admitAuthenticated(req, authenticate, handlerTimeout);
}

async function admitAuthenticated<Req extends IncomingMessage>(
	req: Req,
	authenticate: Authenticate<Req>,
	timeout: number,
): Promise<void> {
	let authentic: unknown;
	try {
		authentic = await within(timeout, () => authenticate(req));
	} catch (cause) {
		throw new Mm7Error('ERR_MM7_ADMISSION_FAILED', { cause });
	}
	if (authentic !== true) throw new Mm7Error('ERR_MM7_UNAUTHORIZED');
}

/** The client's address: Express's `req.ip`, which respects `trust proxy`; the socket's without Express. */
function remoteAddress(req: IncomingMessage & { ip?: unknown }): string | undefined {
	if ('ip' in req) return typeof req.ip === 'string' ? req.ip : undefined;
	return req.socket.remoteAddress;
}
