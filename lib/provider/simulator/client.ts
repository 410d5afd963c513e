import type http from 'node:http';
import { keepAliveAgent, type Reply, send } from '../../http/client.js';
import type { DeliveryReportRequest } from '../testing/index.js';

/** How requests are sent. */
export interface ClientOptions {
	readonly url: URL;
	/** Maximum number of connections. */
	readonly concurrency: number;
	/** Milliseconds from the beginning of a request to the end of its answer. */
	readonly timeout: number;
}

/** Sends requests to one URL over a bounded number of connections that stay open. */
export class Client {
	readonly #options: ClientOptions;
	readonly #agent: http.Agent;

	constructor(options: ClientOptions) {
		this.#options = options;
		this.#agent = keepAliveAgent(options.url, options.concurrency);
	}

	/**
	 * Sends one request, once.
	 *
	 * @returns the answer, or rejects with an Error whose message says in one phrase why there is none
	 */
	post({ method, headers, body }: DeliveryReportRequest, signal: AbortSignal): Promise<Reply> {
		const { url, timeout } = this.#options;
		const length = String(Buffer.byteLength(body));
		return send(url, {
			method,
			headers: { ...headers, 'Content-Length': length },
			body,
			timeout,
			signal,
			agent: this.#agent,
		});
	}

	/** Closes the connections. */
	close(): void {
		this.#agent.destroy();
	}
}
