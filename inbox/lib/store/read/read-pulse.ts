import type { Database } from '../database.js';
import { type StoredTime, toDate } from './to-date.js';

/** The state that every open page receives repeatedly. */
export interface Pulse {
	/** Changes whenever anything that a page might show changes. */
	readonly version: string;
	/** When the last report arrived. */
	readonly lastReportAt: Date | null;
	/** The number of stored unreadable requests. */
	readonly unreadable: number;
}

/**
 * Creates a function that reads the state that open pages receive.
 *
 * @param canStore - the pulse fails if this is false
 */
export function pulseReader(database: Database, canStore: () => Promise<boolean>): () => Promise<Pulse> {
	return async function readPulse() {
		const [[row], isHealthy] = await Promise.all([database.query<PulseRow>(PULSE_SQL), canStore()]);
		if (!isHealthy) throw new Error('Reports cannot be stored');
		if (row === undefined) throw new Error('The database returned no row');
		const { report, unreadableId, lastReportAt, unreadable } = row;
		return { version: `${report}-${unreadableId}`, lastReportAt: toDate(lastReportAt), unreadable };
	};
}

interface PulseRow {
	readonly report: string | null;
	readonly lastReportAt: StoredTime | null;
	readonly unreadableId: string | null;
	readonly unreadable: number;
}

/** The only table it reads in full is `unreadable`, which is small. */
const PULSE_SQL = `
	SELECT CAST(report.id AS text) AS "report", report.received_at AS "lastReportAt",
		CAST(kept.id AS text) AS "unreadableId", kept.count AS "unreadable"
	FROM (SELECT max(id) AS id FROM reports) AS newest
	LEFT JOIN reports AS report ON report.id = newest.id
	CROSS JOIN (SELECT max(id) AS id, CAST(count(*) AS integer) AS count FROM unreadable) AS kept`;
