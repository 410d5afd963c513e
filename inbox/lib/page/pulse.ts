import type { RequestHandler, Response } from 'express';
import type { Logger } from '../log.js';
import type { Pulse } from '../store/read/read-pulse.js';
import { withTimeLimit } from '../time-limit.js';

/** Sends open pages the state of the inbox, and whether there is news, by server-sent events. */
export interface PulseStream {
	/** Responds with a stream that lasts until either side closes it. */
	readonly handler: RequestHandler;
	/** Must be called when there is news. */
	changed(): void;
	/** The number of open pages. */
	viewers(): number;
	/** When the database was read for the last event, in milliseconds of the monotonic clock. */
	lastRead(): number;
	/** Ends all streams and rejects new ones. */
	close(): void;
}

/** Event intervals. */
export interface PulseTimes {
	/** The interval between events if there is no news. Pages consider the inbox down after three times this. */
	readonly beatMs?: number;
	/** The time limit for the database to respond. */
	readonly readTimeoutMs?: number;
}

const BEAT_MS = 5_000;
const READ_TIMEOUT_MS = 2_000;
/** The minimum time between events. */
const MIN_PAUSE_MS = 250;
/** Each open page holds a connection. */
const MAX_VIEWERS = 100;
/** An event is 150 bytes, so a page with more than this buffered has stopped reading. */
const MAX_UNSENT_BYTES = 16 * 1024;

/**
 * Creates the stream. All pages get the same small events and fetch the rest themselves. The database is read once for
 * all pages, and not at all while no page is open.
 */
export function makePulseStream(
	read: () => Promise<Pulse>,
	log: Logger,
	{ beatMs = BEAT_MS, readTimeoutMs = READ_TIMEOUT_MS }: PulseTimes = {},
): PulseStream {
	const viewers = new Set<Response>();
	let timer: NodeJS.Timeout | undefined;
	let lastBeat = 0;
	let lastRead = 0;
	let hasNews = false;
	let beating = false;
	let responds = true;
	let closed = false;

	function schedule(): void {
		if (beating || closed || viewers.size === 0) return;
		clearTimeout(timer);
		const next = lastBeat + (hasNews ? MIN_PAUSE_MS : beatMs);
		timer = setTimeout(beat, next - performance.now()).unref();
	}

	async function beat(): Promise<void> {
		beating = true;
		hasNews = false;
		lastRead = performance.now();
		const pulse = await readInTime();
		if (closed) return;
		const event = `data: ${JSON.stringify({ database: pulse !== undefined, ...pulse })}\n\n`;
		for (const viewer of viewers) {
			if (viewer.writableLength > MAX_UNSENT_BYTES) viewer.destroy();
			else viewer.write(event);
		}
		beating = false;
		lastBeat = performance.now();
		schedule();
	}

	function changed(): void {
		hasNews = true;
		schedule();
	}

	async function readInTime(): Promise<Pulse | undefined> {
		try {
			const pulse = await withTimeLimit(read(), readTimeoutMs, 'The database did not respond in time');
			responds = true;
			return pulse;
		} catch (err) {
			// log one line per outage
			if (responds) log.warn({ err }, 'failed to update the open pages');
			responds = false;
			return undefined;
		}
	}

	return {
		changed,
		viewers: () => viewers.size,
		lastRead: () => lastRead,
		handler(req, res) {
			if (closed || viewers.size >= MAX_VIEWERS) {
				res.status(503).set('Retry-After', '30').type('text').send('Too many pages are open\n');
				return;
			}
			// a page that lost its stream sends HEAD to get the reason without opening another stream
			if (req.method === 'HEAD') {
				res.end();
				return;
			}
			res.writeHead(200, {
				'Content-Type': 'text/event-stream',
				'Cache-Control': 'no-store',
				// otherwise nginx would buffer the events
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
