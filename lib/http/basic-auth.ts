import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { instanceOf, isPlainObject } from '../checks.js';

/**
 * Makes an `authenticate` for HTTP Basic (RFC 7617). Compares in constant time, and accepts credentials beyond ASCII in
 * UTF-8 and in ISO-8859-1, since clients use either.
 *
 * @param users - passwords by user name, at least one
 * @throws TypeError for anything but one plain object of that form, a name that is empty or has a colon, and a missing or
 * empty password
 * @example
 * app.use('/mm7', mm7DeliveryReports(handler, { authenticate: basicAuth({ sinch: process.env.MM7_PASSWORD }) }));
 */
export function basicAuth(users: Readonly<Record<string, string | undefined>>): (req: IncomingMessage) => boolean {
	// biome-ignore lint/complexity/noArguments: a second argument is a mistake
	refuseOtherForms(users, arguments.length);
	const key = randomBytes(32);
	const digest = (credentials: Buffer) => createHmac('sha256', key).update(credentials).digest();

	const known = Object.entries(users).flatMap(([user, password]) => {
		if (user === '' || user.includes(':')) throw new TypeError(`basicAuth: "${user}" cannot be a user name`);
		// an unset environment variable must not become a password
		if (typeof password !== 'string' || password === '') {
			throw new TypeError(`basicAuth: the password of "${user}" must be a non-empty string`);
		}
		return spellings(`${user}:${password}`).map(digest);
	});
	if (known.length === 0) throw new TypeError(`basicAuth: at least one user is needed: ${FORM}`);

	return function authenticateBasic(req) {
		const [, encoded] = /^basic +([^ ]+) *$/i.exec(req.headers.authorization ?? '') ?? [];
		const given = digest(Buffer.from(encoded ?? '', 'base64'));
		// compares every user, so that the time does not reveal which one exists
		let authentic = false;
		for (const expected of known) authentic = timingSafeEqual(given, expected) || authentic;
		return authentic;
	};
}

const FORM = "basicAuth({ sinch: 'the password' })";

/** In `basicAuth('sinch', 'secret')` every letter of the name would be a password. */
function refuseOtherForms(users: unknown, numberOfArguments: number): void {
	if (!isPlainObject(users) || numberOfArguments > 1) {
		const instance = instanceOf(users);
		const given = instance === undefined ? '' : `, not ${instance}`;
		throw new TypeError(`basicAuth takes one object with passwords by user name${given}: ${FORM}`);
	}
	const names = Object.keys(users).sort().join();
	if (['password,user', 'password,username', 'name,password'].includes(names)) {
		throw new TypeError(`basicAuth expects the user name as the key: ${FORM}`);
	}
}

/** The bytes of the credentials: UTF-8, and ISO-8859-1 if it has all the characters (RFC 7617 section 2.1). */
function spellings(credentials: string): Buffer[] {
	const latin1 = Buffer.from(credentials, 'latin1');
	const utf8 = Buffer.from(credentials);
	return latin1.toString('latin1') === credentials && !latin1.equals(utf8) ? [utf8, latin1] : [utf8];
}
