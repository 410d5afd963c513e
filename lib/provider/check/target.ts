import { type Reply, send } from '../client.js';

/** A request to the receiver under test. */
export interface TargetRequest {
	/** Default `POST`. */
	readonly method?: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** Text is sent in UTF-8. Default: empty. */
	readonly body?: string | Uint8Array;
}

/** The receiver under test: sends a request on a new connection and waits for the response. */
export type Target = (request: TargetRequest) => Promise<Reply>;

/**
 * Makes the target at a URL.
 *
 * @param ownHeaders - headers of every request, such as `Authorization`
 * @param timeout - milliseconds within which a response must be complete
 */
export function targetAt(url: URL, ownHeaders: Readonly<Record<string, string>>, timeout: number): Target {
	return ({ method = 'POST', headers, body = '' }) => {
		const bytes = Buffer.from(body as string);
		const length = method === 'POST' ? { 'Content-Length': String(bytes.length) } : {};
		return send(url, {
			method,
			headers: { ...length, ...ownHeaders, ...headers },
			// a response to an announced body that is too large comes before the body is sent
			body: headers?.['Content-Length'] === undefined ? bytes : undefined,
			timeout,
		});
	};
}
