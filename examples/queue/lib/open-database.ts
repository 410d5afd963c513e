import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config as InboxConfig } from '../../../inbox/lib/config.js';
import type { Database } from '../../../inbox/lib/store/database.js';
import { type DatabaseEvents, openDatabase } from '../../../inbox/lib/store/open-database.js';

/** Milliseconds between two attempts. */
const PAUSE = 1_000;

/**
 * Opens the database of the inbox, as soon as it can be reached: a process that is started while the database is away
 * waits for it.
 *
 * @throws Error where waiting is of no use
 */
export async function openWhenAvailable(config: InboxConfig, log: Logger): Promise<Database> {
	const events: DatabaseEvents = {
		onError: (err) => log.warn({ err }, 'a database connection broke'),
		onBroken(err) {
			log.fatal({ err }, 'the database is broken, so this process ends');
			process.exit(1);
		},
	};
	for (let attempt = 1; ; attempt += 1) {
		try {
			return await openDatabase(config, events);
		} catch (err) {
			if (!isAway((err as Error).cause)) throw err;
			if (attempt === 1) log.error({ err }, 'waits for the database');
			await pause(PAUSE);
		}
	}
}

/** Whether a server cannot be reached (an error of the system), or says itself that it has to start, or has no room. */
function isAway(cause: unknown): boolean {
	const { code, errno, message = '' } = cause as { code?: string; errno?: number; message?: string };
	if (code === undefined) return /timeout|terminated/.test(message);
	return errno !== undefined || cause instanceof AggregateError || ['08', '53', '57'].includes(code.slice(0, 2));
}
