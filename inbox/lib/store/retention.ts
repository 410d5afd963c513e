import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ReportRepository } from './report-repository.js';
import type { UnreadableRepository } from './unreadable-repository.js';

const DAY = 24 * 60 * 60 * 1000;
/** Milliseconds between two looks for what is too old. */
const INTERVAL = 60_000;
/** Most reports that are deleted in one transaction. */
const STEP = 200;
/** The pause after a step is this many times as long as it took: deleting takes a tenth of the database's time at most. */
const PAUSE_RATIO = 10;

/** Deletes what is too old. */
export interface Retention {
	/** Settles when the last step is done; there will be no further one. */
	stop(): Promise<void>;
}

/**
 * Deletes reports, messages and unreadable requests that are older than some days, in small steps, for reports that
 * arrive wait for the step that is being done.
 *
 * @param days - `undefined` keeps everything
 */
export function keepForDays(
	days: number | undefined,
	reports: ReportRepository,
	unreadable: UnreadableRepository,
	log: Logger,
): Retention {
	const stopped = new AbortController();

	async function deleteOld(before: Date): Promise<void> {
		let total = await unreadable.deleteReceivedBefore(before);
		for (let deleted = STEP; deleted === STEP && !stopped.signal.aborted; ) {
			const start = performance.now();
			deleted = await reports.deleteReceivedBefore(before, STEP);
			total += deleted;
			await pause((performance.now() - start) * PAUSE_RATIO);
		}
		if (total > 0) log.info({ deleted: total, before }, 'old reports are deleted');
	}

	async function run(age: number): Promise<void> {
		while (!stopped.signal.aborted) {
			await deleteOld(new Date(Date.now() - age)).catch((err) => log.warn({ err }, 'old reports cannot be deleted'));
			await pause(INTERVAL);
		}
	}

	function pause(milliseconds: number): Promise<void> {
		return delay(milliseconds, undefined, { signal: stopped.signal }).catch(() => {});
	}

	const running = days === undefined ? Promise.resolve() : run(days * DAY);
	return {
		async stop() {
			stopped.abort();
			await running;
		},
	};
}
