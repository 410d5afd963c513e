import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../log.js';
import type { DueEvent, Outbox, SettledEvent } from '../store/outbox.js';
import { type Application, eventSender, type SentRequest } from './request.js';
import { delayAfter } from './schedule.js';

/** Settings for tests. */
export interface ForwarderTimes {
	/** Time for the response to one request. */
	readonly attemptTimeoutMs?: number;
}

/** Sends the events of an outbox to the application. */
export interface Forwarder {
	/** Must be called when this process has stored something. */
	nudge(): void;
	/** Stops, and settles once the outcomes of all requests are stored. */
	stop(): Promise<void>;
}

/** Requests in progress: they bound the memory, and the load on the application and on this process. */
const MAX_REQUESTS = 10;
const ATTEMPT_TIMEOUT_MS = 10_000;
/** The interval at which the outbox is searched for what other processes stored, and for retries. */
const POLL_INTERVAL_MS = 1_000;
/** Outcomes that arrive within this time are stored together. */
const BATCH_MS = 20;
/** The pause after each exchange with the database, as a multiple of the time it took, so that reports have priority. */
const PAUSE_RATIO = 4;
const RETRY_DELAY_MS = 1_000;
/** Time at the end for the requests in progress. What is not finished by then is sent again. */
const STOP_TIMEOUT_MS = 2_500;
/** The application does not want this event, nor any retry (Standard Webhooks). */
const GONE = 410;

/**
 * Starts sending. The events are read from the database a few at a time, and only as fast as the application responds.
 *
 * @param onGivenUp - called for each event that is given up
 */
export function startForwarder(
	outbox: Outbox,
	application: Application,
	log: Logger,
	onGivenUp: () => void,
	{ attemptTimeoutMs = ATTEMPT_TIMEOUT_MS }: ForwarderTimes = {},
): Forwarder {
	const sender = eventSender(application, attemptTimeoutMs);
	const requests = new Map<DueEvent, Promise<void>>();
	let settled: SettledEvent[] = [];
	const unfinished: DueEvent[] = [];
	let aborted = false;
	const stopped = new AbortController();
	let wake = () => {};
	let hasNews = false;
	let accepts = true;
	let reads = true;

	function nudge(): void {
		hasNews = true;
		wake();
	}

	async function run(): Promise<void> {
		while (!stopped.signal.aborted) {
			hasNews = false;
			const start = performance.now();
			const more = await exchange(MAX_REQUESTS - requests.size);
			const pauseMs = Math.max(BATCH_MS, (performance.now() - start) * PAUSE_RATIO);
			if (!more && !hasNews && !stopped.signal.aborted) await nextNews();
			await pause(pauseMs);
		}
	}

	/** Pauses until the time is over or the forwarder is stopped. */
	async function pause(milliseconds: number): Promise<void> {
		await delay(milliseconds, undefined, { signal: stopped.signal }).catch(() => {});
	}

	/** Waits for a finished request, for a nudge, or for the next poll. */
	async function nextNews(): Promise<void> {
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, POLL_INTERVAL_MS);
			wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}

	/** @returns whether to continue at once */
	async function exchange(max: number): Promise<boolean> {
		const stored = settled;
		settled = [];
		try {
			const { events, more } = await outbox.exchange(stored, max);
			reads = true;
			for (const event of events) requests.set(event, attempt(event));
			return more && requests.size < MAX_REQUESTS;
		} catch (err) {
			settled.unshift(...stored);
			if (reads) log.warn({ err }, 'failed to read or store events for the application');
			reads = false;
			await pause(RETRY_DELAY_MS);
			return false;
		}
	}

	async function attempt(event: DueEvent): Promise<void> {
		const request = await sender.send(event);
		requests.delete(event);
		if (aborted && request.attempt.status === undefined) unfinished.push(event);
		else settled.push({ event, attempt: request.attempt, outcome: judge(event, request) });
		nudge();
	}

	function judge(event: DueEvent, { attempt, retryAfter }: SentRequest): SettledEvent['outcome'] {
		const { status, error } = attempt;
		const facts = { messageId: event.message.messageId, type: event.type, status, error };
		if (status !== undefined && status >= 200 && status < 300) {
			if (!accepts) log.info(facts, 'the application accepts events again');
			accepts = true;
			return 'sent';
		}
		const failed = event.attempts.length + 1;
		const retryAfterSeconds = status === GONE ? undefined : delayAfter(failed, retryAfter);
		if (retryAfterSeconds === undefined) {
			log.error({ ...facts, attempts: failed }, 'gave up on an event: the application did not accept it');
			onGivenUp();
			return 'given up';
		}
		// log one line per outage
		if (accepts) log.warn(facts, 'the application did not accept an event; it will be retried');
		accepts = false;
		return { retryAfterSeconds };
	}

	function abort(): void {
		aborted = true;
		sender.abort();
	}

	const running = run();
	return {
		nudge,
		async stop() {
			stopped.abort();
			nudge();
			await running;
			const timer = setTimeout(abort, STOP_TIMEOUT_MS);
			await Promise.all(requests.values());
			clearTimeout(timer);
			abort();
			await exchange(0);
			await outbox.release(unfinished).catch(() => {});
		},
	};
}
