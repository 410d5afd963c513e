import { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';

/** Classes of requests and responses for `createServer`. */
export interface MessageClasses {
	readonly IncomingMessage: typeof IncomingMessage;
	readonly ServerResponse: typeof ServerResponse;
	/** Makes their prototypes those of the app. */
	takeOver(app: Express): void;
}

/**
 * Makes classes whose instances are an app's requests and responses from the start. Express otherwise changes the
 * prototypes of each request and response, and the V8 of Node.js 20 and 22 gives every property that is added behind that
 * a hidden class of its own. With these a request costs Express under a third (`npm run bench -- --prepared`).
 */
export function makeMessageClasses(): MessageClasses {
	class Request extends IncomingMessage {}
	class Response extends ServerResponse {}
	return {
		IncomingMessage: Request,
		ServerResponse: Response as typeof ServerResponse,
		takeOver(app) {
			app.request = Object.setPrototypeOf(Request.prototype, app.request);
			app.response = Object.setPrototypeOf(Response.prototype, app.response);
		},
	};
}
