import type { Router } from 'express';
import type { Logger } from 'pino';
import type { Database } from '../store/database.js';
import { watchChanges } from '../store/read/changes.js';
import { pulseReader } from '../store/read/read-pulse.js';
import { makePulseStream, type PulseStream } from './pulse.js';
import { pageRoutes } from './routes.js';

/** The pages, which are kept up to date while they are open. */
export interface LivePage {
	readonly router: Router;
	readonly pulse: PulseStream;
	/** Settles when nothing of the database is read any more; the streams have to be closed before. */
	finished(): Promise<void>;
}

/**
 * Makes the pages.
 *
 * @param canStore - whether reports can be stored at the moment
 * @param mm7User - name under which the provider logs in
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
