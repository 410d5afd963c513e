import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4 } from 'node:net';
import { Mm7Error } from './errors.js';
import type { Mm7Request } from './request.js';
import { within } from './time-limit.js';

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

/** A set of addresses and ranges. */
export interface AddressList {
	includes(address: string | undefined): boolean;
}

/**
 * Makes the list of `allowFrom`.
 *
 * @param entries - IPv4 or IPv6 addresses and CIDR ranges: `192.0.2.7`, `2001:db8::/32`
 * @throws TypeError for an entry that is neither
 */
export function addressList(entries: readonly string[]): AddressList {
	const list = new BlockList();
	for (const entry of entries) addEntry(list, entry);
	return {
		includes(address) {
			const plain = plainAddress(address ?? '');
			return isIP(plain) !== 0 && list.check(plain, familyOf(plain));
		},
	};
}

function addEntry(list: BlockList, entry: string): void {
	const slash = entry.indexOf('/');
	const address = plainAddress(slash === -1 ? entry : entry.slice(0, slash));
	const prefix = slash === -1 ? undefined : entry.slice(slash + 1);
	const longest = isIPv4(address) ? 32 : 128;
	if (isIP(address) === 0 || (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest))) {
		throw new TypeError(`"${entry}" is neither an IP address nor a CIDR range`);
	}
	if (prefix === undefined) list.addAddress(address, familyOf(address));
	else list.addSubnet(address, Number(prefix), familyOf(address));
}

/** Without zone (`fe80::1%eth0`), and an IPv4 address mapped into IPv6 (`::ffff:192.0.2.7`) as IPv4. */
function plainAddress(address: string): string {
	const withoutZone = address.split('%', 1)[0] as string;
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(withoutZone);
	return mapped?.[1] ?? withoutZone;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
	return isIPv4(address) ? 'ipv4' : 'ipv6';
}

/**
 * Makes an `authenticate` for HTTP Basic (RFC 7617) from users and their passwords. Compares in constant time.
 *
 * @param users - passwords by user name, at least one
 * @throws TypeError where a name is empty or has a colon, or a password is no text
 * @example
 * app.use('/mm7', mm7DeliveryReports(handler, { authenticate: basicAuth({ sinch: process.env.MM7_PASSWORD }) }));
 */
export function basicAuth(
	users: Readonly<Record<string, string | undefined>>,
): <Req extends IncomingMessage>(req: Req) => boolean {
	const key = randomBytes(32);
	const digest = (credentials: Buffer | string) => createHmac('sha256', key).update(credentials).digest();

	const known = Object.entries(users ?? {}).map(([user, password]) => {
		if (user === '' || user.includes(':')) throw new TypeError(`basicAuth: "${user}" cannot be a user name`);
		// an unset environment variable must not become a password
		if (typeof password !== 'string' || password === '') {
			throw new TypeError(`basicAuth: the password of "${user}" must be a text that is not empty`);
		}
		return digest(`${user}:${password}`);
	});
	if (known.length === 0) throw new TypeError('basicAuth: at least one user is needed');

	return function authenticateBasic(req) {
		const [, encoded] = /^basic +([^ ]+) *$/i.exec(req.headers.authorization ?? '') ?? [];
		const given = digest(Buffer.from(encoded ?? '', 'base64'));
		// every user is compared, so that time does not tell which one exists
		let authentic = false;
		for (const expected of known) authentic = timingSafeEqual(given, expected) || authentic;
		return authentic;
	};
}
