import type { Database } from './database.js';
import { storableText } from './storable.js';

/** The number of requests to keep; the oldest are deleted first. */
const MOST = 1000;
/** The number of bytes of each request to keep. A report is about 1 kB. */
const LONGEST = 64 * 1024;

/** A request that could not be parsed as a report, and the reason. */
export interface UnreadableRequest {
	readonly error?: { readonly code: string; readonly message: string } | undefined;
	readonly body?: Buffer | undefined;
}

/** When and where a request came from, and its Content-Type. */
export interface Origin {
	/** Default: now. */
	readonly receivedAt?: Date;
	readonly remoteAddress?: string | undefined;
	readonly contentType?: string | undefined;
}

/** Keeps requests that could not be parsed as delivery reports, so that someone can find out why. */
export class UnreadableRepository {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	async add({ error, body = Buffer.alloc(0) }: UnreadableRequest, origin: Origin = {}): Promise<void> {
		const values = [
			origin.receivedAt ?? new Date(),
			origin.remoteAddress ?? null,
			error?.code ?? 'unknown',
			storableText(error?.message ?? ''),
			origin.contentType ?? null,
			body.length,
			body.subarray(0, LONGEST),
		];
		await this.#database.write({ sql: ADD_SQL, values }, { sql: MAKE_ROOM_SQL });
	}

	/** @returns the number of deleted requests */
	async deleteReceivedBefore(time: Date): Promise<number> {
		const sql = 'DELETE FROM unreadable WHERE received_at < $1 RETURNING 1 AS deleted';
		const [deleted] = await this.#database.write({ sql, values: [time] });
		return deleted?.length ?? 0;
	}
}

const ADD_SQL = `
	INSERT INTO unreadable (received_at, remote_address, error_code, error_message, content_type, size, body)
	VALUES ($1, $2, $3, $4, $5, $6, $7)`;

const MAKE_ROOM_SQL = `
	DELETE FROM unreadable WHERE id <= (SELECT id FROM unreadable ORDER BY id DESC LIMIT 1 OFFSET ${MOST})`;
