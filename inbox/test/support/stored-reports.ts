import type { Database } from '../../lib/store/database.js';
import { decompressXml } from '../../lib/store/xml-codec.js';

/** The fields of a stored report that tests check. */
export interface StoredReport {
	readonly messageId: string;
	readonly mmStatus: string;
	readonly statusText: string | null;
}

/** Returns all reports, newest first. */
export function storedReports(database: Database): Promise<StoredReport[]> {
	return database.query(
		`SELECT message_id AS "messageId", mm_status AS "mmStatus", status_text AS "statusText"
		FROM reports ORDER BY id DESC`,
	);
}

/** Returns the number of messages by state. */
export async function stateCounts(database: Database): Promise<Record<string, number>> {
	const rows = await database.query<{ state: string; count: number }>(
		'SELECT state, CAST(count(*) AS integer) AS count FROM messages GROUP BY state',
	);
	return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** The XML of all reports, newest first. */
export async function storedXml(database: Database): Promise<string[]> {
	const rows = await database.query<{ xml: Uint8Array; dictionary: number }>(
		'SELECT xml, xml_dictionary AS dictionary FROM reports ORDER BY id DESC',
	);
	return rows.map(({ xml, dictionary }) => decompressXml(xml, dictionary));
}
