import type { Router } from 'express';
import type { Logger } from '../log.js';
import type { Database } from '../store/database.js';
import { watchChanges } from '../store/read/changes.js';
import { pulseReader } from '../store/read/read-pulse.js';
import { makePulseStream, type PulseStream } from './pulse.js';
import { pageRoutes } from './routes.js';
import type { StartOptions } from './views/notices.js';

/** The pages, which receive live updates while open. */
export interface LivePage {
	readonly router: Router;
	readonly pulse: PulseStream;
	/** Settles once all database reads have finished. Close the streams first. */
	finished(): Promise<void>;
}

/**
 * Creates the pages.
 *
 * @param canStore - checks whether reports can be stored
 * @param start - options for the page shown before the first report
 * @param overdueAfterMs - the age of an overdue message; without it, no lists of overdue messages
 */
export function makeLivePage(
	database: Database,
	canStore: () => Promise<boolean>,
	start: StartOptions,
	log: Logger,
	overdueAfterMs?: number,
): LivePage {
	const pulse = makePulseStream(pulseReader(database, canStore), log);
	const changes = watchChanges(database, log, () => pulse.viewers() > 0, pulse.changed);
	return {
		router: pageRoutes(database, pulse, start, overdueAfterMs),
		pulse,
		finished() {
			changes.close();
			return changes.finished();
		},
	};
}
