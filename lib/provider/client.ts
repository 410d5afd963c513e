import http from 'node:http';
import https from 'node:https';

/** A request to send once. */
export interface OutgoingRequest {
	readonly method: string;
	readonly headers: Readonly<Record<string, string>>;
	/** `undefined` sends only the head. */
	readonly body: string | Uint8Array | undefined;
	/** Milliseconds from the start of the request to the end of its response. */
	readonly timeout: number;
	/** Default: a new connection. */
	readonly agent?: http.Agent;
	readonly signal?: AbortSignal;
}

/** A whole response. */
export interface Reply {
	readonly status: number;
	/** By lower-case name. */
	readonly headers: http.IncomingHttpHeaders;
	/** Decoded as UTF-8. */
	readonly body: string;
}

/** Responses of a receiver are much shorter. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

const REASONS: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'connection refused',
	ECONNRESET: 'connection cut',
	EPIPE: 'connection cut',
	ENOTFOUND: 'host not found',
};

/** Makes an agent for a URL that keeps connections open. */
export function keepAliveAgent({ protocol }: URL, maxSockets: number): http.Agent {
	const { Agent } = protocol === 'https:' ? https : http;
	return new Agent({ keepAlive: true, maxSockets });
}

/**
 * Sends one request, once.
 *
 * @returns the response, or rejects with an Error whose message is a phrase with the reason
 */
export function send(url: URL, { body, timeout, agent, signal, ...options }: OutgoingRequest): Promise<Reply> {
	const { request } = url.protocol === 'https:' ? https : http;
	return new Promise((resolve, reject) => {
		const req = request(url, { ...options, agent: agent ?? false, ...(signal && { signal }) });
		const fail = (error: NodeJS.ErrnoException) => {
			clearTimeout(timer);
			reject(new Error(REASONS[error.code ?? ''] ?? (error.message || error.code), { cause: error }));
		};
		const giveUp = (reason: string) => {
			fail(new Error(reason));
			req.destroy();
		};
		const timer = setTimeout(() => giveUp(`no response within ${timeout} ms`), timeout);
		req.on('error', fail);
		req.on('response', (response) => {
			const chunks: Buffer[] = [];
			let length = 0;
			response.on('data', (chunk: Buffer) => {
				chunks.push(chunk);
				length += chunk.length;
				if (length > MAX_RESPONSE_BYTES) giveUp('the response is longer than 1 MB');
			});
			response.on('end', () => {
				clearTimeout(timer);
				const { statusCode = 0, headers } = response;
				resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString() });
			});
			response.on('error', fail);
		});
		if (body === undefined) req.flushHeaders();
		else req.end(body);
	});
}
