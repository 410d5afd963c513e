import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../log.js';
import type { Outbox } from '../store/outbox.js';

/** The regular recording of events. */
export interface OverdueEvents {
	/** Stops, and settles when nothing is being recorded. */
	stop(): Promise<void>;
}

const INTERVAL_MS = 10_000;

/**
 * Records an event for each message that becomes overdue from now on, or is overdue when it becomes known. Several
 * processes may do so; each message gets one event.
 *
 * @param afterMs - the age of an overdue message
 * @param onNews - called after events were recorded
 */
export function recordOverdueEvents(
	outbox: Pick<Outbox, 'recordOverdue'>,
	afterMs: number,
	log: Logger,
	onNews: () => void,
	intervalMs = INTERVAL_MS,
): OverdueEvents {
	const stopped = new AbortController();

	/** @returns whether there may be more */
	async function step(): Promise<boolean> {
		const { hasNews, more } = await outbox.recordOverdue(new Date(Date.now() - afterMs));
		if (hasNews) onNews();
		return more;
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
