import { type ClientRequest, get, type IncomingMessage } from 'node:http';

/** One server-sent event. */
export interface StreamEvent {
	readonly event: string;
	readonly id: string | undefined;
	readonly data: unknown;
}

/** Reads server-sent events from a socket of its own. */
export class EventStream {
	readonly #request: ClientRequest;
	#text = '';
	#events: StreamEvent[] = [];
	#wake = () => {};
	response: IncomingMessage | undefined;
	ended = false;

	constructor(url: string) {
		this.#request = get(`${url}/events`, { agent: false }, (response) => {
			this.response = response;
			response.setEncoding('utf8').on('data', (chunk: string) => this.#take(chunk));
			response.on('close', () => {
				this.ended = true;
				this.#wake();
			});
			this.#wake();
		});
		this.#request.on('error', () => {
			this.ended = true;
			this.#wake();
		});
	}

	/** The next event that fits; those before it are skipped. */
	async next(fits: (event: StreamEvent) => boolean = () => true): Promise<StreamEvent> {
		while (true) {
			const event = this.#events.shift();
			if (event && fits(event)) return event;
			if (!event) {
				if (this.ended) throw new Error('the stream ended');
				await this.#news();
			}
		}
	}

	/** Settles when the server has answered. */
	async opened(): Promise<IncomingMessage> {
		while (!this.response) await this.#news();
		return this.response;
	}

	async closed(): Promise<void> {
		while (!this.ended) await this.#news();
	}

	close(): void {
		this.#request.destroy();
	}

	#news(): Promise<void> {
		return new Promise((resolve) => {
			this.#wake = resolve;
		});
	}

	#take(chunk: string): void {
		const blocks = (this.#text + chunk).split('\n\n');
		this.#text = blocks.pop() ?? '';
		for (const block of blocks) {
			const field = (name: string) =>
				block
					.split('\n')
					.find((line) => line.startsWith(`${name}: `))
					?.slice(name.length + 2);
			const event = field('event');
			if (event !== undefined) this.#events.push({ event, id: field('id'), data: JSON.parse(field('data') ?? 'null') });
		}
		this.#wake();
	}
}
