import { isIPv6 } from 'node:net';
import type { Request, RequestHandler } from 'express';
import { deliveryReportRequest, parseResponse } from 'mm7-delivery-reports/testing';
import type { Credentials } from '../config.js';
import { redirectTo } from './url.js';
import { sendPage } from './views/layout.js';
import { FailurePage } from './views/notices.js';

/**
 * Sends a report about an invented message to this inbox over HTTP, so that it is handled like any other report.
 *
 * @param credentials - the provider's credentials
 */
export function sendTestReport(credentials: Credentials | undefined): RequestHandler {
	const login = credentials && Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64');
	return async function respond(req, res) {
		const report = { statusText: 'Test report', date: new Date() };
		const headers = { ...(login && { Authorization: `Basic ${login}` }) };
		const response = await fetch(receiverUrl(req), deliveryReportRequest(report, { unique: true, headers }));
		const { statusCode } = parseResponse(await response.text());
		// the list shows the report now or once a worker has stored it
		if (statusCode === 1000) return redirectTo(res, '.');
		const text = `The inbox responded with HTTP ${response.status} and StatusCode ${statusCode ?? '(none)'}. Its log says why.`;
		return sendPage(res.status(502), FailurePage({ title: 'The test report was not accepted', text }));
	};
}

/** Returns the receiver's URL on the address at which this request arrived. */
function receiverUrl({ socket: { localAddress = '', localPort } }: Request): string {
	return `http://${isIPv6(localAddress) ? `[${localAddress}]` : localAddress}:${localPort}/mm7`;
}
