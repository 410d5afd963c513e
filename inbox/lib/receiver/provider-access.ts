import { basicAuth, Mm7Rejection } from 'mm7-delivery-reports';
import type { Credentials } from '../config.js';
import type { ReportRequest } from './keeper.js';

/** Values of `Sec-Fetch-Site` that browsers send with a request from a page that is not the inbox's own. */
const OTHER_SITES: readonly (string | undefined)[] = ['cross-site', 'same-site'];

/**
 * Makes the middleware's `authenticate` option. It rejects requests that another site's page made a browser send:
 * otherwise any page could post reports to an inbox on 127.0.0.1.
 *
 * @param credentials - the provider's; `undefined` accepts requests without a password
 */
export function authenticateProvider(credentials: Credentials | undefined): (req: ReportRequest) => boolean {
	const hasPassword = credentials ? basicAuth({ [credentials.user]: credentials.password }) : () => true;
	return function authenticate(req) {
		if (OTHER_SITES.includes(req.get('Sec-Fetch-Site'))) {
			throw new Mm7Rejection(4007, 'sent by a browser for a page of another site');
		}
		return hasPassword(req);
	};
}
