import type { Router } from 'express';
import type { Logger } from 'pino';
import type { Database } from '../store/database.js';
import { watchChanges } from '../store/read/changes.js';
import { pulseReader } from '../store/read/read-pulse.js';
import { makePulseStream, type PulseStream } from './pulse.js';
import { pageRoutes } from './routes.js';

/** The pages, which are updated while they are open. */
export interface LivePage {
	readonly router: Router;
	readonly pulse: PulseStream;
	/** Settles once nothing reads the database any more; the streams have to be closed first. */
	finished(): Promise<void>;
}

/**
 * Makes the pages.
 *
 * @param canStore - checks whether reports can be stored
 * @param mm7User - the provider's user name
 */
export function makeLivePage(
	database: Database,
	canStore: () => Promise<boolean>,
	mm7User: string | undefined,
	log: Logger,
): LivePage {
	const pulse = makePulseStream(pulseReader(database, canStore), log);
	const changes = watchChanges(database, log, () => pulse.viewers() > 0, pulse.changed);
	return {
		router: pageRoutes(database, pulse, mm7User),
		pulse,
		finished() {
			changes.close();
			return changes.finished();
		},
	};
}
