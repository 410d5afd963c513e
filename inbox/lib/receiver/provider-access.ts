import { basicAuth, Mm7Rejection } from 'mm7-delivery-reports';
import type { Credentials } from '../config.js';
import type { ReportRequest } from './keeper.js';

/** What browsers write into `Sec-Fetch-Site` if the request comes from a page that is not the inbox's own. */
const OTHER_SITES: readonly (string | undefined)[] = ['cross-site', 'same-site'];

/**
 * Makes the `authenticate` of the middleware. Rejects requests that a web page made the reader's browser send: any page
 * could otherwise post reports to an inbox on 127.0.0.1.
 *
 * @param credentials - `undefined` accepts requests without a password
 */
export function authenticateProvider(credentials: Credentials | undefined): (req: ReportRequest) => boolean {
	const hasPassword = credentials ? basicAuth({ [credentials.user]: credentials.password }) : () => true;
	return function authenticate(req) {
		if (OTHER_SITES.includes(req.get('Sec-Fetch-Site'))) {
			throw new Mm7Rejection(4007, 'a browser sent it for a page of another site');
		}
		return hasPassword(req);
	};
}
