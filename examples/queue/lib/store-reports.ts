import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { DatabaseError } from '../../../inbox/lib/store/database.js';
import type { ReportRepository } from '../../../inbox/lib/store/report-repository.js';
import type { HandleReport } from './consume-reports.js';

/** Milliseconds between two attempts while the database is away. */
const PAUSE = 1_000;

/**
 * What a worker does with a report: stores it in the database of the inbox, once for all its copies. While the database
 * is away reports wait here, for that is no fault of theirs.
 */
export function storeReports(reports: Pick<ReportRepository, 'store'>, log: Logger): HandleReport {
	let isAway = false;
	return async function storeReport({ key, report, xml }, signal) {
		for (;;) {
			try {
				const { result } = await reports.store(report, { xml, signal });
				if (isAway) log.info('the database is back');
				isAway = false;
				const { messageId, mmStatus, state } = report;
				log.info({ key, messageId, mmStatus, state, stored: result }, 'report stored');
				return;
			} catch (err) {
				if (!(err instanceof DatabaseError) || err.failure === 'refused') throw err;
				if (!isAway) log.error({ err }, 'the database is away; reports wait for it');
				isAway = true;
				await pause(PAUSE, undefined, { signal });
			}
		}
	};
}
