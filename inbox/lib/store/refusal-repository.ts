import { type Database, DatabaseError, type Statement } from './database.js';
import { isAlarming } from './refusal-reasons.js';
import { storableText } from './storable.js';

/** The number of requests to keep for each reason; the oldest are deleted first. */
const MAX_REQUESTS_PER_REASON = 1000;
/** The number of bytes of each body to keep. A report is about 1 kB. */
export const MAX_BODY_BYTES = 64 * 1024;
const MAX_TEXT_LENGTH = 2_000;

/** A request that got an error, or that was accepted although it is not a report. */
export interface RefusedRequest {
	readonly receivedAt: Date;
	/** Identifies the reason: a code of `Mm7Error` or of Node's HTTP parser, or one of `OWN_REASONS`. */
	readonly reason: string;
	/** The reason in words, with its details. */
	readonly message: string;
	/** The HTTP status of the response; undefined if the client disconnected first. */
	readonly httpStatus?: number | undefined;
	readonly statusCode?: number | undefined;
	/** Empty if the request did not reach a receiver. */
	readonly provider: string;
	/** The client's address. */
	readonly peer: string;
	/** Method and path are absent if Node.js rejected the request. */
	readonly method?: string | undefined;
	/** Without the query, which may contain a secret. */
	readonly path?: string | undefined;
	/** By lower-case name, without credentials. */
	readonly headers: Readonly<Record<string, string>>;
	/** The size of the body as received and inflated, in bytes. */
	readonly size: number;
	/** The beginning of the body; empty if it was not read. */
	readonly body: Buffer;
}

/** The number of refused requests in an hour with the same reason, provider and peer. */
export interface RefusalCount {
	readonly reason: string;
	readonly provider: string;
	readonly peer: string;
	readonly count: number;
	readonly firstAt: Date;
	readonly lastAt: Date;
}

/** What one transaction writes: the counts, and some of the requests as examples. */
export interface Refusals {
	/**
	 * A batch with the same id is written once, even if it arrives again. Starts with the time as ISO 8601. Default: it is
	 * written.
	 */
	readonly id?: string | undefined;
	readonly counts: readonly RefusalCount[];
	readonly requests: readonly RefusedRequest[];
}

const HOUR_MS = 3_600_000;
/** How long the id of a batch is kept. RabbitMQ redelivers a message within minutes. */
const BATCH_MEMORY_MS = 7 * 24 * HOUR_MS;

/** Counts refused requests, and keeps the newest ones so that someone can find out why. */
export class RefusalRepository {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** @throws DatabaseError, in which case nothing was written, unless the connection was lost */
	async add({ id, ...batch }: Refusals): Promise<void> {
		if (id === undefined) return this.#write(batch, []);
		const before = new Date(Date.now() - BATCH_MEMORY_MS).toISOString();
		const remember: Statement[] = [
			{ sql: 'DELETE FROM refusal_batches WHERE id < $1', values: [before] },
			{ sql: 'INSERT INTO refusal_batches (id) VALUES ($1)', values: [id] },
		];
		try {
			await this.#write(batch, remember);
		} catch (error) {
			const isKnown = async () => (await this.#database.query(BATCH_SQL, [id])).length > 0;
			if (error instanceof DatabaseError && error.failure === 'refused' && (await isKnown())) return;
			throw error;
		}
	}

	async #write({ counts, requests }: Omit<Refusals, 'id'>, first: readonly Statement[]): Promise<void> {
		const statements = [...first, ...requests.map((request) => ({ sql: ADD_SQL, values: valuesOf(request) }))];
		for (const reason of new Set(requests.map((request) => request.reason))) {
			statements.push({ sql: MAKE_ROOM_SQL, values: [reason] });
		}
		// several processes update the same rows: one order prevents deadlocks
		const sorted = [...counts].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
		for (const { reason, provider, peer, count, firstAt, lastAt } of sorted) {
			const hour = Math.floor(firstAt.getTime() / HOUR_MS);
			statements.push({ sql: COUNT_SQL, values: [hour, reason, provider, peer, count, firstAt, lastAt] });
		}
		const alarming = counts.filter(({ reason }) => isAlarming(reason)).reduce((sum, { count }) => sum + count, 0);
		if (alarming > 0) statements.push({ sql: TOTAL_SQL, values: [alarming] });
		if (statements.length > 0) await this.#database.write(...statements);
	}

	/** Deletes a request that is now stored as a report. */
	async delete(id: string): Promise<void> {
		await this.#database.write({ sql: 'DELETE FROM refused_requests WHERE id = CAST($1 AS bigint)', values: [id] });
	}

	/** @returns the number of deleted requests */
	async deleteReceivedBefore(time: Date): Promise<number> {
		const [deleted] = await this.#database.write(
			{ sql: 'DELETE FROM refused_requests WHERE received_at < $1 RETURNING 1 AS deleted', values: [time] },
			{ sql: 'DELETE FROM refusal_counts WHERE hour < $1', values: [Math.floor(time.getTime() / HOUR_MS)] },
		);
		return deleted?.length ?? 0;
	}
}

function keyOf({ reason, provider, peer, firstAt }: RefusalCount): string {
	return JSON.stringify([Math.floor(firstAt.getTime() / HOUR_MS), reason, provider, peer]);
}

function valuesOf(request: RefusedRequest) {
	return [
		request.receivedAt,
		request.reason,
		storableText(request.message.slice(0, MAX_TEXT_LENGTH)),
		request.httpStatus ?? null,
		request.statusCode ?? null,
		request.provider,
		request.peer,
		request.method ?? null,
		request.path === undefined ? null : storableText(request.path.slice(0, MAX_TEXT_LENGTH)),
		storableText(JSON.stringify(request.headers)),
		request.size,
		request.body.subarray(0, MAX_BODY_BYTES),
	];
}

const BATCH_SQL = 'SELECT id FROM refusal_batches WHERE id = $1';

const ADD_SQL = `
	INSERT INTO refused_requests (received_at, reason, message, http_status, status_code, provider, peer, method, path,
		headers, size, body)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;

const MAKE_ROOM_SQL = `
	DELETE FROM refused_requests WHERE reason = $1 AND id <= (
		SELECT id FROM refused_requests WHERE reason = $1 ORDER BY id DESC LIMIT 1 OFFSET ${MAX_REQUESTS_PER_REASON}
	)`;

const COUNT_SQL = `
	INSERT INTO refusal_counts (hour, reason, provider, peer, count, first_at, last_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (hour, reason, provider, peer) DO UPDATE SET
		count = refusal_counts.count + excluded.count,
		first_at = CASE WHEN excluded.first_at < refusal_counts.first_at THEN excluded.first_at ELSE refusal_counts.first_at END,
		last_at = CASE WHEN excluded.last_at > refusal_counts.last_at THEN excluded.last_at ELSE refusal_counts.last_at END`;

/** It never decreases, so a page can tell how many refusals are new since someone looked. */
const TOTAL_SQL = `
	INSERT INTO totals (name, count) VALUES ('refused', $1)
	ON CONFLICT (name) DO UPDATE SET count = totals.count + excluded.count`;
