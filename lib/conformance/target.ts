import http from 'node:http';
import https from 'node:https';

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
	/** A text is sent in UTF-8. Default: empty. */
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

	/** @throws TypeError where the URL is none of HTTP */
	constructor(url: string | URL, options: TargetOptions = {}) {
		this.#url = new URL(url);
		if (!/^https?:$/.test(this.#url.protocol)) throw new TypeError(`not an http or https URL: ${url}`);
		this.#options = options;
	}

	/** Sends a request on a connection of its own and waits for the answer. */
	send({ method = 'POST', headers, body = '' }: TargetRequest): Promise<TargetAnswer> {
		const bytes = Buffer.from(body as string);
		const length = method === 'POST' ? { 'Content-Length': String(bytes.length) } : {};
		return new Promise((resolve, reject) => {
			const { request } = this.#url.protocol === 'https:' ? https : http;
			const sent = request(this.#url, {
				method,
				headers: { ...length, ...this.#options.headers, ...headers },
				agent: false,
				timeout: this.#options.timeout ?? 10_000,
			});
			sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
			sent.on('error', reject);
			sent.on('response', (response) => {
				const chunks: Buffer[] = [];
				response.on('data', (chunk: Buffer) => chunks.push(chunk));
				response.on('error', reject);
				response.on('end', () => {
					const { statusCode = 0 } = response;
					resolve({ status: statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() });
				});
			});
			// an announced body that is too large is answered before it is sent
			if (headers?.['Content-Length'] === undefined) sent.end(bytes);
			else sent.flushHeaders();
		});
	}
}
