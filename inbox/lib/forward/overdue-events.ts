import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../log.js';
import type { Outbox } from '../store/outbox.js';
import type { Overdue } from '../store/read/overdue.js';

/** The regular recording of events. */
export interface OverdueEvents {
	/** Stops, and settles when nothing is being recorded. */
	stop(): Promise<void>;
}

const INTERVAL_MS = 10_000;
/** The number of messages that one transaction records. */
const STEP_SIZE = 200;

/**
 * Records an event for each message that becomes overdue from now on. Several processes may do so: a mark in the database
 * makes it one event per message.
 *
 * @param afterMs - the age of an overdue message
 * @param onNews - called after events were recorded
 */
export function recordOverdueEvents(
	outbox: Outbox,
	overdue: Pick<Overdue, 'next'>,
	afterMs: number,
	log: Logger,
	onNews: () => void,
	intervalMs = INTERVAL_MS,
): OverdueEvents {
	const stopped = new AbortController();

	/** @returns whether there may be more */
	async function step(): Promise<boolean> {
		const mark = await outbox.overdueMark(new Date(Date.now() - afterMs));
		const found = await overdue.next(mark, STEP_SIZE);
		if ((await outbox.recordOverdue(mark, found)) > 0) onNews();
		return found.length === STEP_SIZE;
	}

	async function run(): Promise<void> {
		let fails = false;
		while (!stopped.signal.aborted) {
			try {
				if (await step()) continue;
				fails = false;
			} catch (err) {
				// log one line per outage
				if (!fails) log.warn({ err }, 'failed to look for overdue messages');
				fails = true;
			}
			await delay(intervalMs, undefined, { signal: stopped.signal }).catch(() => {});
		}
	}

	const running = run();
	return {
		async stop() {
			stopped.abort();
			await running;
		},
	};
}
