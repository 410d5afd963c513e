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
	/** The time after which a page that reads nothing is disconnected. */
	readonly idleTimeoutMs?: number;
}

const BEAT_MS = 5_000;
const READ_TIMEOUT_MS = 2_000;
const IDLE_TIMEOUT_MS = 60_000;
/** The minimum time between events with news. Every open page requests the news, so it grows with their number. */
const MIN_PAUSE_MS = 500;
const PAUSE_PER_VIEWER_MS = 30;
/** Each open page holds a connection. */
const MAX_VIEWERS = 100;

/**
 * Creates the stream. All pages get the same small events and fetch the rest themselves. The database is read once for
 * all pages, and not at all while no page is open.
 */
export function makePulseStream(
	read: () => Promise<Pulse>,
	log: Logger,
	{ beatMs = BEAT_MS, readTimeoutMs = READ_TIMEOUT_MS, idleTimeoutMs = IDLE_TIMEOUT_MS }: PulseTimes = {},
): PulseStream {
	/** The streams of the open pages, and when each was last seen to have read everything. */
	const viewers = new Map<Response, number>();
	let timer: NodeJS.Timeout | undefined;
	let lastBeat = 0;
	let lastNews = Number.NEGATIVE_INFINITY;
	let lastRead = 0;
	let hasNews = false;
	let beating = false;
	let responds = true;
	let closed = false;

	function schedule(): void {
		if (beating || closed || viewers.size === 0) return;
		clearTimeout(timer);
		const pause = Math.max(MIN_PAUSE_MS, viewers.size * PAUSE_PER_VIEWER_MS);
		const next = Math.min(lastBeat + beatMs, hasNews ? lastNews + pause : Number.POSITIVE_INFINITY);
		timer = setTimeout(beat, next - performance.now()).unref();
	}

	async function beat(): Promise<void> {
		beating = true;
		lastRead = performance.now();
		if (hasNews) lastNews = lastRead;
		hasNews = false;
		const pulse = await readInTime();
		if (closed) return;
		const event = `data: ${JSON.stringify({ database: pulse !== undefined, ...pulse })}\n\n`;
		lastBeat = performance.now();
		for (const [viewer, drainedAt] of viewers) {
			const isDrained = viewer.writableLength === 0;
			if (isDrained) viewers.set(viewer, lastBeat);
			if (isDrained || lastBeat - drainedAt <= idleTimeoutMs) viewer.write(event);
			else viewer.destroy();
		}
		beating = false;
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
			viewers.set(res, performance.now());
			res.on('close', () => viewers.delete(res));
			changed();
		},
		close() {
			closed = true;
			clearTimeout(timer);
			for (const viewer of viewers.keys()) viewer.end();
		},
	};
}
