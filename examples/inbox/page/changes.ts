import type { Logger } from 'pino';
import type { Database } from '../database/database.js';

const CHANNEL = 'mm7_inbox';
/** Milliseconds between two notifications of this process. */
const INTERVAL = 200;

/** Tells every process on the database that there is something new. */
export interface Changes {
	/** Something new is in the database. Cheap: many calls become one notification. */
	announce(): void;
	/** Settles when nothing is left to be told. */
	finished(): Promise<void>;
}

/**
 * Connects this process with the others by LISTEN and NOTIFY. The notification is no part of the transaction that
 * writes a report: PostgreSQL takes a lock on all commits for it, and a slow page must not hold up a report.
 *
 * @param onChange - called for changes of any process, this one too
 */
export async function watchChanges(database: Database, log: Logger, onChange: () => void): Promise<Changes> {
	await database.listen(CHANNEL, onChange);
	let timer: NodeJS.Timeout | undefined;
	let telling: Promise<void> = Promise.resolve();

	async function tell(): Promise<void> {
		timer = undefined;
		await database.query('SELECT pg_notify($1, $2)', [CHANNEL, '']).catch((err) => {
			log.warn({ err }, 'the pages could not be told of a change');
		});
	}

	return {
		announce() {
			timer ??= setTimeout(() => {
				telling = tell();
			}, INTERVAL);
		},
		async finished() {
			if (timer !== undefined) {
				clearTimeout(timer);
				telling = tell();
			}
			await telling;
		},
	};
}
