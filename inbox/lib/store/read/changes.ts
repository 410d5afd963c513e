import type { Logger } from '../../log.js';
import type { Database } from '../database.js';

/** Milliseconds between two looks at the database. */
const INTERVAL = 500;

/** Looks for what other processes wrote. */
export interface Changes {
	/** Ends the looking. */
	close(): void;
	/** Settles when the last look is done. */
	finished(): Promise<void>;
}

/**
 * Asks the database twice a second for its version while somebody watches. That costs less than it seems, and unlike
 * notifications needs no connection of its own that has to be kept alive, in either database.
 *
 * @param watched - whether anybody wants to know
 * @param onChange - called after changes of any process, this one too
 */
export function watchChanges(database: Database, log: Logger, watched: () => boolean, onChange: () => void): Changes {
	let known: unknown;
	let answers = true;
	let look: Promise<void> | undefined;

	async function lookForChanges(): Promise<void> {
		try {
			const [row] = await database.query<{ version: unknown }>(database.dialect.versionSql);
			if (row?.version !== known) onChange();
			known = row?.version;
			answers = true;
		} catch (err) {
			// one line for each outage
			if (answers) log.warn({ err }, 'the pages cannot be kept up to date');
			answers = false;
		} finally {
			look = undefined;
		}
	}

	const timer = setInterval(() => {
		if (watched()) look ??= lookForChanges();
	}, INTERVAL).unref();

	return {
		close: () => clearInterval(timer),
		async finished() {
			await look;
		},
	};
}
