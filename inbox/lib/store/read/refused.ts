import type { Database } from '../database.js';
import { describeReason, isAlarming } from '../refusal-reasons.js';
import type { RefusedRequest } from '../refusal-repository.js';
import { type StoredTime, toDate } from './to-date.js';

/** A refused request as a list shows it, without headers and body. */
export interface ListedRefusal extends Omit<RefusedRequest, 'headers' | 'body'> {
	readonly id: string;
	/** The number of bytes of the body that are kept. */
	readonly kept: number;
}

/** A refused request with everything that is kept of it. */
export interface StoredRefusal extends ListedRefusal, Pick<RefusedRequest, 'headers' | 'body'> {}

/** Refused requests with the same reason. */
export interface RefusalSum {
	readonly reason: string;
	readonly count: number;
	readonly firstAt: Date;
	readonly lastAt: Date;
	/** In descending order of their counts. */
	readonly peers: readonly PeerSum[];
	/** The number of requests per hour, by whole hours since 1970; hours without any are absent. */
	readonly hours: Readonly<Record<number, number>>;
}

/** Refused requests from the same address to the same provider's URL. */
export interface PeerSum {
	/** `OTHER_PEERS` for all addresses above the number that is counted separately. */
	readonly peer: string;
	/** Empty if the requests did not reach a receiver. */
	readonly provider: string;
	readonly count: number;
	readonly lastAt: Date;
}

/** Refusals that are happening now. */
export interface CurrentRefusals {
	/** The number of refused requests that may have been reports, ever. It never decreases. */
	readonly total: number;
	/** Refusals of the last minutes that may be reports, by reason; the most frequent first. */
	readonly now: readonly CurrentRefusal[];
}

/** A reason for which requests are being refused now. */
export interface CurrentRefusal {
	readonly reason: string;
	readonly title: string;
	readonly advice: string;
	readonly count: number;
	/** The address with the most requests. */
	readonly peer: string;
	readonly peers: number;
	readonly firstAt: Date;
	readonly lastAt: Date;
}

/** Restricts a list of refused requests. */
export interface RefusedFilter {
	readonly reason?: string | undefined;
	/** An id: only older ones. */
	readonly before?: string | undefined;
}

/** Reads the refused requests. */
export interface RefusedQueries {
	/** Lists the newest ones first. */
	list(limit: number, filter?: RefusedFilter): Promise<ListedRefusal[]>;
	/** Like `list`, with headers and bodies. */
	listWhole(limit: number, filter?: RefusedFilter): Promise<StoredRefusal[]>;
	one(id: string): Promise<StoredRefusal | undefined>;
	/** Sums up the refusals since a time, by reason, the latest first. */
	sums(since: Date): Promise<RefusalSum[]>;
	current(now?: Date): Promise<CurrentRefusals>;
}

/** The address under which all others are counted, if there are too many in an hour. */
export const OTHER_PEERS = 'other';

/** Refusals count as current for this long after the last one: three times as long as Sinch waits between attempts. */
export const CURRENT_MS = 15 * 60_000;

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
/** The number of reasons that a page announces at a time. */
const MAX_CURRENT = 3;
const LARGEST_ID = '9223372036854775807';

const COLUMNS = `CAST(id AS text) AS "id", received_at AS "receivedAt", reason AS "reason", message AS "message",
	http_status AS "httpStatus", status_code AS "statusCode", provider AS "provider", peer AS "peer", method AS "method",
	path AS "path", size AS "size", length(body) AS "kept"`;
const ALL_COLUMNS = `${COLUMNS}, headers AS "headers", body AS "body"`;

interface ListedRow extends Omit<ListedRefusal, 'receivedAt' | 'httpStatus' | 'statusCode' | 'method' | 'path'> {
	readonly receivedAt: StoredTime;
	readonly httpStatus: number | null;
	readonly statusCode: number | null;
	readonly method: string | null;
	readonly path: string | null;
}

interface WholeRow extends ListedRow {
	readonly headers: string;
	readonly body: ArrayBuffer;
}

interface HourRow {
	readonly hour: number;
	readonly reason: string;
	readonly count: number;
	readonly firstAt: StoredTime;
	readonly lastAt: StoredTime;
}

interface PeerRow extends Omit<PeerSum, 'lastAt'> {
	readonly reason: string;
	readonly lastAt: StoredTime;
}

const HOURS_SQL = `
	SELECT hour AS "hour", reason AS "reason", CAST(sum(count) AS double precision) AS "count",
		min(first_at) AS "firstAt", max(last_at) AS "lastAt"
	FROM refusal_counts WHERE hour >= $1 GROUP BY hour, reason`;

const PEERS_SQL = `
	SELECT reason AS "reason", provider AS "provider", peer AS "peer", CAST(sum(count) AS double precision) AS "count",
		max(last_at) AS "lastAt"
	FROM refusal_counts WHERE hour >= $1 GROUP BY reason, provider, peer ORDER BY sum(count) DESC, peer LIMIT 1000`;

/** The start of the last days, as a time in their first hour: refusals are counted by hour, including the current one. */
export function startOfDays(days: number, now = Date.now()): Date {
	return new Date(now - (days * DAY_HOURS - 1) * HOUR_MS);
}

/** Creates the queries. */
export function refusedQueries(database: Database): RefusedQueries {
	function select<Row extends object>(columns: string, limit: number, filter: RefusedFilter = {}): Promise<Row[]> {
		const { reason, before = LARGEST_ID } = filter;
		const condition = reason === undefined ? '' : 'AND reason = $2';
		return database.query<Row>(
			`SELECT ${columns} FROM refused_requests WHERE id < CAST($1 AS bigint) ${condition}
			ORDER BY refused_requests.id DESC LIMIT ${limit}`,
			reason === undefined ? [before] : [before, reason],
		);
	}

	async function sums(since: Date, query: Database['query']): Promise<RefusalSum[]> {
		const values = [Math.floor(since.getTime() / HOUR_MS)];
		const [hours, peers] = await Promise.all([query<HourRow>(HOURS_SQL, values), query<PeerRow>(PEERS_SQL, values)]);
		const reasons = [...new Set(hours.map(({ reason }) => reason))];
		return reasons
			.map((reason) => {
				const own = hours.filter((row) => row.reason === reason);
				return {
					reason,
					count: own.reduce((sum, { count }) => sum + count, 0),
					firstAt: new Date(Math.min(...own.map(({ firstAt }) => toDate(firstAt).getTime()))),
					lastAt: new Date(Math.max(...own.map(({ lastAt }) => toDate(lastAt).getTime()))),
					peers: peers
						.filter((row) => row.reason === reason)
						.map(({ peer, provider, count, lastAt }) => ({ peer, provider, count, lastAt: toDate(lastAt) })),
					hours: Object.fromEntries(own.map(({ hour, count }) => [hour, count])),
				};
			})
			.sort((one, other) => other.lastAt.getTime() - one.lastAt.getTime());
	}

	return {
		async list(limit, filter) {
			return (await select<ListedRow>(COLUMNS, limit, filter)).map(toListed);
		},
		async listWhole(limit, filter) {
			return (await select<WholeRow>(ALL_COLUMNS, limit, filter)).map(toWhole);
		},
		async one(id) {
			const sql = `SELECT ${ALL_COLUMNS} FROM refused_requests WHERE id = CAST($1 AS bigint)`;
			const [row] = await database.query<WholeRow>(sql, [id]);
			return row && toWhole(row);
		},
		// after a month of attacks, these are many rows
		sums: (since) => sums(since, database.search),
		async current(now = new Date()) {
			const start = new Date(now.getTime() - CURRENT_MS);
			const [recent, [total]] = await Promise.all([
				sums(start, database.query),
				database.query<{ count: number }>(TOTAL_SQL),
			]);
			const current = recent.filter(({ reason, lastAt }) => isAlarming(reason) && lastAt >= start);
			return {
				total: total?.count ?? 0,
				now: current
					.sort((one, other) => other.count - one.count)
					.slice(0, MAX_CURRENT)
					.map(({ reason, count, firstAt, lastAt, peers }) => {
						const { title, advice } = describeReason(reason);
						return { reason, title, advice, count, firstAt, lastAt, peer: peers[0]?.peer ?? '', peers: peers.length };
					}),
			};
		},
	};
}

const TOTAL_SQL = `SELECT CAST(count AS double precision) AS "count" FROM totals WHERE name = 'refused'`;

function toListed(row: ListedRow): ListedRefusal {
	const { httpStatus, statusCode, method, path } = row;
	return {
		...row,
		receivedAt: toDate(row.receivedAt),
		httpStatus: httpStatus ?? undefined,
		statusCode: statusCode ?? undefined,
		method: method ?? undefined,
		path: path ?? undefined,
	};
}

function toWhole(row: WholeRow): StoredRefusal {
	// the drivers return different types, all of which Buffer.from accepts
	return { ...toListed(row), headers: JSON.parse(row.headers), body: Buffer.from(row.body) };
}
