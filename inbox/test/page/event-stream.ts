import { type ClientRequest, get, type IncomingMessage } from 'node:http';

/** An event sent to open pages. */
export interface PulseEvent {
	readonly database: boolean;
	readonly version?: string;
	readonly lastReportAt?: string | null;
	readonly refused?: { readonly total: number; readonly now: readonly { readonly reason: string }[] };
}

/** Reads the events of an inbox over its own connection. */
export class EventStream {
	readonly #request: ClientRequest;
	#text = '';
	#events: PulseEvent[] = [];
	#wake = () => {};
	response: IncomingMessage | undefined;
	ended = false;

	constructor(url: string, headers: Record<string, string> = {}) {
		this.#request = get(`${url}/events`, { agent: false, headers }, (response) => {
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

	/** Returns the next matching event, and skips the others. */
	async next(fits: (event: PulseEvent) => boolean = () => true): Promise<PulseEvent> {
		while (true) {
			const event = this.#events.shift();
			if (event && fits(event)) return event;
			if (!event) {
				if (this.ended) throw new Error('the stream ended');
				await this.#news();
			}
		}
	}

	/** Settles when the response has started. */
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
			if (block.startsWith('data: ')) this.#events.push(JSON.parse(block.slice('data: '.length)));
		}
		this.#wake();
	}
}
