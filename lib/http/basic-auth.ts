import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

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
