import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { type ReportFields, requestXml } from './requests.js';

/** Sinch sends a report again five times. */
const ATTEMPTS = 6;

/** Milliseconds that Sinch waits for an answer. */
const PATIENCE = 10_000;

/** Plays the provider: sends a report until it is accepted, and gives up after six attempts. */
export class Provider {
	readonly #url: string;
	readonly #retryDelay: number;
	readonly #agent = new Agent({ keepAlive: true });
	/** Reports that were accepted; a copy counts once more. */
	accepted = 0;
	/** Attempts that were not accepted. */
	refused = 0;
	/** Reports that were given up: lost. */
	lost = 0;

	/** @param retryDelay - milliseconds between two attempts; five minutes at Sinch */
	constructor(url: string, retryDelay: number) {
		this.#url = url;
		this.#retryDelay = retryDelay;
	}

	async deliver(fields: ReportFields): Promise<void> {
		for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
			if (await this.#isAccepted(fields)) {
				this.accepted += 1;
				return;
			}
			this.refused += 1;
			await pause(this.#retryDelay);
		}
		this.lost += 1;
	}

	/** Delivers all, so many at a time. */
	async deliverAll(reports: Iterable<ReportFields>, concurrency: number, onAccepted = () => {}): Promise<void> {
		const rest = reports[Symbol.iterator]();
		const lane = async () => {
			for (let next = rest.next(); !next.done; next = rest.next()) {
				await this.deliver(next.value);
				onAccepted();
			}
		};
		await Promise.all(Array.from({ length: concurrency }, lane));
	}

	/** HTTP 200, StatusCode 1000 and the same TransactionID: nothing else counts. */
	async #isAccepted(fields: ReportFields): Promise<boolean> {
		try {
			const { status, body } = await this.#post(requestXml(fields));
			const transactionId = /<TransactionID[^>]*>([^<]*)</.exec(body)?.[1];
			const statusCode = /<StatusCode>([^<]*)</.exec(body)?.[1];
			return status === 200 && statusCode === '1000' && transactionId === fields.transactionId;
		} catch {
			return false;
		}
	}

	#post(body: string): Promise<{ status: number | undefined; body: string }> {
		const { promise, resolve, reject } = withResolvers<{ status: number | undefined; body: string }>();
		const headers = { 'content-type': 'text/xml; charset=utf-8', 'content-length': Buffer.byteLength(body) };
		const signal = AbortSignal.timeout(PATIENCE);
		const req = request(this.#url, { method: 'POST', agent: this.#agent, headers, signal });
		req.on('error', reject);
		req.on('response', (res) => {
			text(res).then((answer) => resolve({ status: res.statusCode, body: answer }), reject);
		});
		req.end(body);
		return promise;
	}
}

function withResolvers<T>() {
	let resolve!: (value: T) => void;
	let reject!: (reason: unknown) => void;
	const promise = new Promise<T>((yes, no) => {
		resolve = yes;
		reject = no;
	});
	return { promise, resolve, reject };
}
