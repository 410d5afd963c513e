import type { RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { Pulse } from '../store/read/read-pulse.js';

/** Tells the open pages, by server-sent events, how the inbox is and whether there is something new. */
export interface PulseStream {
	/** Answers with a stream that ends when either side closes it. */
	readonly handler: RequestHandler;
	/** There is something new. */
	changed(): void;
	/** How many pages are open. */
	viewers(): number;
	/** Ends all streams, and takes no more. */
	close(): void;
}

/** Most open pages; each holds a connection. */
const MOST_VIEWERS = 100;
/** Milliseconds between two events where nothing happens; a page takes three of them for a dead inbox. */
const BEAT = 5000;
/** Milliseconds between two events, at least. */
const SHORTEST_PAUSE = 250;
/** Milliseconds that the database may take. */
const LONGEST_READING = 2000;
/** Bytes that may wait for a page. An event has 150, so a page with so much before it reads nothing any more. */
const MOST_UNSENT = 16 * 1024;

/**
 * Makes the stream. Events are small and all alike; what a page shows beyond them it fetches by itself. One reading
 * of the database serves all pages, and without pages nothing is read.
 */
export function makePulseStream(read: () => Promise<Pulse>, log: Logger): PulseStream {
	const viewers = new Set<Response>();
	let timer: NodeJS.Timeout | undefined;
	let lastBeat = 0;
	/** Whether the next event comes as soon as it may. */
	let hurried = false;
	let beating = false;
	let answers = true;
	let closed = false;

	function schedule(): void {
		if (beating || closed || viewers.size === 0) return;
		clearTimeout(timer);
		const next = lastBeat + (hurried ? SHORTEST_PAUSE : BEAT);
		timer = setTimeout(beat, next - performance.now()).unref();
	}

	async function beat(): Promise<void> {
		beating = true;
		hurried = false;
		const event = eventText(await reading());
		if (closed) return;
		for (const viewer of viewers) {
			if (viewer.writableLength > MOST_UNSENT) viewer.destroy();
			else viewer.write(event);
		}
		beating = false;
		lastBeat = performance.now();
		schedule();
	}

	function changed(): void {
		hurried = true;
		schedule();
	}

	async function reading(): Promise<Pulse | undefined> {
		let limit: NodeJS.Timeout | undefined;
		const late = new Promise<never>((_, reject) => {
			limit = setTimeout(() => reject(new Error('The database does not answer in time')), LONGEST_READING);
		});
		try {
			const pulse = await Promise.race([read(), late]);
			answers = true;
			return pulse;
		} catch (err) {
			// one line for each outage
			if (answers) log.warn({ err }, 'the pages cannot be brought up to date');
			answers = false;
			return undefined;
		} finally {
			clearTimeout(limit);
		}
	}

	return {
		changed,
		viewers: () => viewers.size,
		handler(req, res) {
			if (closed || viewers.size >= MOST_VIEWERS) {
				res.status(503).set('Retry-After', '30').type('text').send('Too many pages are open\n');
				return;
			}
			// a page that was cut off asks why, and wants no stream
			if (req.method === 'HEAD') {
				res.end();
				return;
			}
			res.writeHead(200, {
				'Content-Type': 'text/event-stream',
				'Cache-Control': 'no-store',
				// nginx would hold events back
				'X-Accel-Buffering': 'no',
			});
			res.write('retry: 2000\n\n');
			viewers.add(res);
			res.on('close', () => viewers.delete(res));
			changed();
		},
		close() {
			closed = true;
			clearTimeout(timer);
			for (const viewer of viewers) viewer.end();
		},
	};
}

/** @param pulse - undefined where the database does not answer */
function eventText(pulse: Pulse | undefined): string {
	return `data: ${JSON.stringify({ database: pulse !== undefined, ...pulse })}\n\n`;
}
