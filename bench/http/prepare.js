import { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Classes for `createServer` whose instances are an app's requests and responses from the start, so that Express need
 * not change the prototype of each: docs/hosting.md has the reason.
 *
 * @param {import('express').Express} app
 */
export function prepare(app) {
	class Request extends IncomingMessage {}
	class Response extends ServerResponse {}
	app.request = Object.setPrototypeOf(Request.prototype, app.request);
	app.response = Object.setPrototypeOf(Response.prototype, app.response);
	return { IncomingMessage: Request, ServerResponse: /** @type {typeof ServerResponse} */ (Response) };
}
