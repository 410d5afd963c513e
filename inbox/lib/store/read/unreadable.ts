import type { Database } from '../database.js';
import { toDate } from './to-date.js';

/** A request that could not be parsed as a report. */
export interface Unreadable {
	readonly id: string;
	readonly receivedAt: Date;
	readonly remoteAddress: string | null;
	readonly errorCode: string;
	readonly errorMessage: string;
	readonly contentType: string | null;
	/** The size of the received body, in bytes. */
	readonly size: number;
}

/** An unreadable request with the stored part of its body. */
export interface UnreadableWithBody extends Unreadable {
	readonly body: Buffer;
}

/** Reads the unreadable requests. */
export interface UnreadableQueries {
	/**
	 * Lists them, newest first.
	 *
	 * @param before - an id: lists only older ones
	 */
	list(limit: number, before?: string): Promise<Unreadable[]>;
	one(id: string): Promise<UnreadableWithBody | undefined>;
}

const LONGEST = 500;
const LARGEST_ID = '9223372036854775807';
const COLUMNS = `CAST(id AS text) AS "id", received_at AS "receivedAt", remote_address AS "remoteAddress",
	error_code AS "errorCode", substr(error_message, 1, ${LONGEST}) AS "errorMessage",
	substr(content_type, 1, ${LONGEST}) AS "contentType", size AS "size"`;

/** Creates the queries. */
export function unreadableQueries(database: Database): UnreadableQueries {
	return {
		async list(limit, before = LARGEST_ID) {
			const sql = `SELECT ${COLUMNS} FROM unreadable WHERE id < CAST($1 AS bigint) ORDER BY unreadable.id DESC LIMIT ${limit}`;
			return (await database.query<Unreadable>(sql, [before])).map(withDate);
		},
		async one(id) {
			const sql = `SELECT ${COLUMNS}, body AS "body" FROM unreadable WHERE id = CAST($1 AS bigint)`;
			const [row] = await database.query<Unreadable & { body: ArrayBuffer }>(sql, [id]);
			// the drivers return different types, all of which Buffer.from accepts
			return row && { ...withDate(row), body: Buffer.from(row.body) };
		},
	};
}

function withDate<Row extends Unreadable>(row: Row): Row {
	return { ...row, receivedAt: toDate(row.receivedAt) };
}
