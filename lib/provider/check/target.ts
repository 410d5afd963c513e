import type http from 'node:http';
import { send } from '../client.js';

/** How a receiver is reached. */
export interface TargetOptions {
	/** Headers of every request, such as `Authorization`. */
	readonly headers?: Readonly<Record<string, string>> | undefined;
	/** Milliseconds until an answer is given up. Default 10000, as Sinch waits. */
	readonly timeout?: number | undefined;
}

/** A request to the receiver. */
export interface TargetRequest {
	/** Default `POST`. */
	readonly method?: string;
	/** Beside those of the target; the same name wins over them. Default: none. */
	readonly headers?: Readonly<Record<string, string>>;
	/** A string is sent in UTF-8. Default: empty. */
	readonly body?: string | Uint8Array;
}

/** The whole answer of the receiver. */
export interface TargetAnswer {
	/** HTTP status. */
	readonly status: number;
	/** By lower-case name. */
	readonly headers: http.IncomingHttpHeaders;
	/** Read as UTF-8. */
	readonly body: string;
}

/** The receiver under test. */
export class Target {
	readonly #url: URL;
	readonly #options: TargetOptions;

	/** @throws TypeError for a URL that is not http or https */
	constructor(url: string | URL, options: TargetOptions = {}) {
		this.#url = new URL(url);
		if (!/^https?:$/.test(this.#url.protocol)) throw new TypeError(`not an http or https URL: ${url}`);
		this.#options = options;
	}

	/** Sends a request on a connection of its own and waits for the answer. */
	async send({ method = 'POST', headers, body = '' }: TargetRequest): Promise<TargetAnswer> {
		const bytes = Buffer.from(body as string);
		const length = method === 'POST' ? { 'Content-Length': String(bytes.length) } : {};
		const reply = await send(this.#url, {
			method,
			headers: { ...length, ...this.#options.headers, ...headers },
			// an announced body that is too large is answered before it is sent
			body: headers?.['Content-Length'] === undefined ? bytes : undefined,
			timeout: this.#options.timeout ?? 10_000,
		});
		return { ...reply, body: reply.body.toString() };
	}
}
