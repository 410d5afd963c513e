import type { Database } from '../database.js';
import { type CurrentRefusals, refusedQueries } from './refused.js';
import { type StoredTime, toDate } from './to-date.js';

/** The state that every open page receives repeatedly. */
export interface Pulse {
	/** Changes whenever anything that a page might show changes. */
	readonly version: string;
	/** When the last report arrived. */
	readonly lastReportAt: Date | null;
	/** Requests that are being refused now. */
	readonly refused: CurrentRefusals;
}

/**
 * Creates a function that reads the state that open pages receive.
 *
 * @param canStore - the pulse fails if this is false
 */
export function pulseReader(database: Database, canStore: () => Promise<boolean>): () => Promise<Pulse> {
	const { current } = refusedQueries(database);
	return async function readPulse() {
		const [[row], refused, isHealthy] = await Promise.all([database.query<PulseRow>(PULSE_SQL), current(), canStore()]);
		if (!isHealthy) throw new Error('Reports cannot be stored');
		if (row === undefined) throw new Error('The database returned no row');
		const { report, lastReportAt } = row;
		return { version: `${report}-${refused.total}`, lastReportAt: toDate(lastReportAt), refused };
	};
}

interface PulseRow {
	readonly report: string | null;
	readonly lastReportAt: StoredTime | null;
}

const PULSE_SQL = `
	SELECT CAST(newest.id AS text) AS "report", report.received_at AS "lastReportAt"
	FROM (SELECT max(id) AS id FROM reports) AS newest
	CROSS JOIN (SELECT max(received_at) AS received_at FROM reports WHERE kind <> 'submission') AS report`;
