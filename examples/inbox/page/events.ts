import type { RequestHandler, Response } from 'express';
import type { Logger } from 'pino';

/** Most pages that are kept up to date at one time; each holds a connection. */
const MOST_VIEWERS = 100;
/** Milliseconds between two signs of life, for proxies and for the page itself. */
const HEARTBEAT = 15_000;
/** Milliseconds between two readings of the database, at least. */
const SHORTEST_PAUSE = 250;
const PAUSE_AFTER_FAILURE = 2000;
/** The pause after a reading is this many times as long as it took: pages cost a tenth of the database at most. */
const PAUSE_RATIO = 10;

/** Keeps pages up to date by server-sent events. */
export interface Events {
	/** Answers a page with a stream that ends when either side closes it. */
	readonly handler: RequestHandler;
	/** What the pages show has changed. */
	changed(): void;
	/** How many pages there are. */
	viewers(): number;
	/** Ends all streams, and takes no more. */
	close(): void;
}

/**
 * Makes the hub. Every event holds the whole picture, so a page that was away needs nothing but the next event, and
 * one that is slow skips some: no more than one event waits for it. One reading serves all pages, and without pages
 * nothing is read.
 *
 * @param read - the picture
 */
export function makeEvents(read: () => Promise<object>, log: Logger): Events {
	const viewers = new Set<Viewer>();
	let changes = 0;
	let picture: { readonly text: string; readonly changes: number } | undefined;
	let reading = false;
	let closed = false;

	function changed(): void {
		changes++;
		void refresh();
	}

	async function refresh(): Promise<void> {
		if (reading || viewers.size === 0 || closed) return;
		reading = true;
		const seen = changes;
		const start = performance.now();
		let shortest = SHORTEST_PAUSE;
		try {
			picture = { text: eventText('overview', seen, await read()), changes: seen };
			for (const viewer of viewers) viewer.show(picture.text);
		} catch (err) {
			shortest = PAUSE_AFTER_FAILURE;
			log.warn({ err }, 'the page could not be brought up to date');
		}
		const pause = Math.max(shortest, (performance.now() - start) * PAUSE_RATIO);
		setTimeout(() => {
			reading = false;
			if (changes !== seen || picture?.changes !== seen) void refresh();
		}, pause).unref();
	}

	const heart = setInterval(() => {
		for (const viewer of viewers) viewer.beat();
	}, HEARTBEAT).unref();

	return {
		changed,
		viewers: () => viewers.size,
		handler(_req, res) {
			if (closed || viewers.size >= MOST_VIEWERS) {
				res.status(503).set('Retry-After', '30').type('text').send('Too many pages are open\n');
				return;
			}
			const viewer = new Viewer(res);
			viewers.add(viewer);
			res.on('close', () => viewers.delete(viewer));
			if (picture?.changes === changes) viewer.show(picture.text);
			else void refresh();
		},
		close() {
			closed = true;
			clearInterval(heart);
			for (const viewer of viewers) viewer.end();
		},
	};
}

/** One page. */
class Viewer {
	readonly #res: Response;
	/** The newest event that the page was too slow to take. */
	#waiting: string | undefined;
	#busy = false;
	#silentBeats = 0;

	constructor(res: Response) {
		this.#res = res;
		res.writeHead(200, {
			'Content-Type': 'text/event-stream',
			'Cache-Control': 'no-store',
			// nginx would hold events back
			'X-Accel-Buffering': 'no',
		});
		res.on('drain', () => {
			this.#busy = false;
			this.#silentBeats = 0;
			const waiting = this.#waiting;
			this.#waiting = undefined;
			if (waiting !== undefined) this.#write(waiting);
		});
		this.#write('retry: 3000\n\n');
	}

	show(event: string): void {
		if (this.#busy) this.#waiting = event;
		else this.#write(event);
	}

	/** A page that took nothing between two beats is gone. */
	beat(): void {
		if (!this.#busy) this.#write(eventText('heartbeat', undefined, {}));
		else if (++this.#silentBeats > 1) this.#res.destroy();
	}

	end(): void {
		this.#res.end();
	}

	#write(text: string): void {
		this.#busy = !this.#res.write(text);
	}
}

function eventText(event: string, id: number | undefined, data: object): string {
	return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
