import http from 'node:http';
import https from 'node:https';
import type { DeliveryReportRequest } from '../testing/index.js';

/** The answer to one request. */
export interface Reply {
	readonly status: number;
	readonly body: Buffer;
}

/** How requests are sent. */
export interface ClientOptions {
	readonly url: URL;
	/** Most connections. */
	readonly concurrency: number;
	/** Milliseconds from the beginning of a request to the end of its answer. */
	readonly timeout: number;
}

/** No answer needs more. */
const LONGEST_ANSWER = 1024 * 1024;

const REASONS: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'connection refused',
	ECONNRESET: 'connection cut',
	EPIPE: 'connection cut',
	ENOTFOUND: 'host not found',
};

/** Sends requests to one URL over a bounded number of connections that stay open. */
export class Client {
	readonly #options: ClientOptions;
	readonly #send: typeof http.request;
	readonly #agent: http.Agent;

	constructor(options: ClientOptions) {
		const { Agent, request } = options.url.protocol === 'https:' ? https : http;
		this.#options = options;
		this.#send = request;
		this.#agent = new Agent({ keepAlive: true, maxSockets: options.concurrency });
	}

	/**
	 * Sends one request, once.
	 *
	 * @returns the answer, or rejects with an Error whose message says in one phrase why there is none
	 */
	post({ method, headers, body }: DeliveryReportRequest, signal: AbortSignal): Promise<Reply> {
		const { url, timeout } = this.#options;
		return new Promise((resolve, reject) => {
			const req = this.#send(url, {
				method,
				headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
				agent: this.#agent,
				signal,
			});
			const fail = (error: NodeJS.ErrnoException) => {
				clearTimeout(timer);
				reject(new Error(REASONS[error.code ?? ''] ?? (error.message || error.code), { cause: error }));
			};
			const giveUp = (reason: string) => {
				fail(new Error(reason));
				req.destroy();
			};
			const timer = setTimeout(() => giveUp(`no answer within ${timeout} ms`), timeout);
			req.on('error', fail);
			req.on('response', (response) => {
				const chunks: Buffer[] = [];
				let length = 0;
				response.on('data', (chunk: Buffer) => {
					chunks.push(chunk);
					length += chunk.length;
					if (length > LONGEST_ANSWER) giveUp('the answer is longer than 1 MB');
				});
				response.on('end', () => {
					clearTimeout(timer);
					resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) });
				});
				response.on('error', fail);
			});
			req.end(body);
		});
	}

	/** Closes the connections. */
	close(): void {
		this.#agent.destroy();
	}
}
