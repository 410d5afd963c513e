import type { Database } from '../database.js';
import { toDate } from './to-date.js';

/** A request that could not be read as a report. */
export interface Unreadable {
	readonly id: string;
	readonly receivedAt: Date;
	readonly remoteAddress: string | null;
	readonly errorCode: string;
	readonly errorMessage: string;
	readonly contentType: string | null;
	/** Bytes that came. */
	readonly size: number;
}

/** The same with its beginning, as far as it is kept. */
export interface UnreadableWithBody extends Unreadable {
	readonly body: Buffer;
}

/** Shows what could not be read. */
export interface UnreadableQueries {
	/**
	 * The newest first.
	 *
	 * @param before - id: only older ones
	 */
	list(limit: number, before?: string): Promise<Unreadable[]>;
	one(id: string): Promise<UnreadableWithBody | undefined>;
}

const LONGEST = 500;
const LARGEST_ID = '9223372036854775807';
const COLUMNS = `CAST(id AS text) AS "id", received_at AS "receivedAt", remote_address AS "remoteAddress",
	error_code AS "errorCode", substr(error_message, 1, ${LONGEST}) AS "errorMessage",
	substr(content_type, 1, ${LONGEST}) AS "contentType", size AS "size"`;

/** Makes the queries. */
export function unreadableQueries(database: Database): UnreadableQueries {
	return {
		async list(limit, before = LARGEST_ID) {
			const sql = `SELECT ${COLUMNS} FROM unreadable WHERE id < CAST($1 AS bigint) ORDER BY unreadable.id DESC LIMIT ${limit}`;
			return (await database.query<Unreadable>(sql, [before])).map(withDate);
		},
		async one(id) {
			const sql = `SELECT ${COLUMNS}, body AS "body" FROM unreadable WHERE id = CAST($1 AS bigint)`;
			const [row] = await database.query<Unreadable & { body: ArrayBuffer }>(sql, [id]);
			// the drivers differ in what they give: each is something to make a Buffer of
			return row && { ...withDate(row), body: Buffer.from(row.body) };
		},
	};
}

function withDate<Row extends Unreadable>(row: Row): Row {
	return { ...row, receivedAt: toDate(row.receivedAt) };
}
