import type { Database } from '../../lib/store/database.js';

/** What tests ask of a stored report. */
export interface StoredReport {
	readonly messageId: string;
	readonly mmStatus: string;
	readonly statusText: string | null;
}

/** All reports, newest first. */
export function storedReports(database: Database): Promise<StoredReport[]> {
	return database.query(
		`SELECT message_id AS "messageId", mm_status AS "mmStatus", status_text AS "statusText"
		FROM reports ORDER BY id DESC`,
	);
}

/** How many messages are in each state that any is in. */
export async function stateCounts(database: Database): Promise<Record<string, number>> {
	const rows = await database.query<{ state: string; count: number }>(
		'SELECT state, CAST(count(*) AS integer) AS count FROM messages GROUP BY state',
	);
	return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}
