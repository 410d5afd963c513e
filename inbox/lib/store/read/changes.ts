import type { Logger } from '../../log.js';
import type { Database } from '../database.js';

const POLL_INTERVAL_MS = 500;

/** Watches for changes by other processes. */
export interface Changes {
	/** Stops polling. */
	close(): void;
	/** Settles when the last poll is done. */
	finished(): Promise<void>;
}

/**
 * Polls the database's version twice a second while anyone is watching. Polling is cheap and, unlike notifications,
 * works with both databases and needs no dedicated connection that has to be kept alive.
 *
 * @param watched - whether anyone is watching
 * @param onChange - called after a change by any process, including this one
 */
export function watchChanges(database: Database, log: Logger, watched: () => boolean, onChange: () => void): Changes {
	let known: unknown;
	let responds = true;
	let look: Promise<void> | undefined;

	async function lookForChanges(): Promise<void> {
		try {
			const [row] = await database.query<{ version: unknown }>(database.dialect.versionSql);
			if (row?.version !== known) onChange();
			known = row?.version;
			responds = true;
		} catch (err) {
			// log one line per outage
			if (responds) log.warn({ err }, 'the pages cannot be kept up to date');
			responds = false;
		} finally {
			look = undefined;
		}
	}

	const timer = setInterval(() => {
		if (watched()) look ??= lookForChanges();
	}, POLL_INTERVAL_MS).unref();

	return {
		close: () => clearInterval(timer),
		async finished() {
			await look;
		},
	};
}
