import type { Database, Dialect, Statement } from './database.js';
import { EVENT_COLUMNS, type EventType, FORWARDING_IS_ON, OVERDUE_MARK, overdueEventOf } from './events.js';
import { OVERDUE_CONDITIONS, OVERDUE_KINDS } from './read/overdue.js';
import { type StoredTime, toDate } from './read/to-date.js';
import { senderText } from './search-key.js';
import { storableJson } from './storable.js';

/** Time for one attempt and for storing its outcome. After that another process may send the event. */
const LEASE_SECONDS = 30;
/** The number of pending events that are counted. */
const MAX_PENDING_COUNT = 100_000;
/** The number of overdue messages that one transaction records, or a few more. */
const OVERDUE_STEP_SIZE = 200;
/** The number of events that one transaction drops. */
const DROP_STEP_SIZE = 5_000;
/** In characters; longer texts are cut. */
const MAX_TEXT_LENGTH = 2_000;

/** An event to send now. It belongs to this process until `leaseEnd`. */
export interface DueEvent {
	readonly id: string;
	readonly leaseEnd: Date;
	readonly type: EventType;
	readonly createdAt: Date;
	/** All attempts so far. Each one failed. */
	readonly attempts: readonly Attempt[];
	readonly message: EventMessage;
}

/** A message as of an event. */
export interface EventMessage {
	readonly key: string;
	readonly messageId: string;
	readonly provider: string;
	readonly recipient: string;
	readonly sender: string | null;
	readonly operator: string | null;
	readonly state: string;
	readonly previousState: string | null;
	/** Null if no report has arrived. */
	readonly mmStatus: string | null;
	readonly final: boolean;
	readonly reference: string | null;
	readonly submittedAt: Date | null;
	/** When the report that determines the state arrived, or when the message was submitted. */
	readonly since: Date;
	readonly statusText: string | null;
	readonly transactionId: string | null;
	/** The read reply that the event is about. */
	readonly readReply: { readonly state: string; readonly date: Date | null; readonly receivedAt: Date } | null;
}

/** One request to the application, and its response. It is stored as JSON. */
export interface Attempt {
	/** RFC 3339 in UTC. */
	readonly startedAt: string;
	readonly durationMs: number;
	/** The HTTP status; absent if there was no response. */
	readonly status?: number | undefined;
	/** Why there was no response. */
	readonly error?: string | undefined;
	/** The beginning of the response's body. */
	readonly response?: string | undefined;
}

/** An event after an attempt: it succeeded, is retried after a number of seconds, or is given up. */
export interface SettledEvent {
	readonly event: DueEvent;
	readonly attempt: Attempt;
	readonly outcome: 'sent' | 'given up' | { readonly retryAfterSeconds: number };
}

/**
 * The events for the application. Triggers record them in the transaction of their cause. An event is pending while
 * `due_at` is set. A process leases an event by moving `due_at` to the end of the lease, so if the process dies, the
 * event is due again.
 *
 * The events of a message are sent one after the other. An event that is due too early waits until its predecessor is
 * due, or until that is settled.
 */
export class Outbox {
	readonly #database: Database;
	readonly #sql: ReturnType<typeof outboxSql>;

	constructor(database: Database) {
		this.#database = database;
		this.#sql = outboxSql(database.dialect);
	}

	/** Whether events are recorded. All processes of a database agree on that. */
	async isOn(): Promise<boolean> {
		return (await this.#database.query(`SELECT 1 AS found WHERE ${FORWARDING_IS_ON}`)).length > 0;
	}

	/** Starts recording events in all processes of this database, or stops it and drops the events that are not sent yet. */
	async turn(on: boolean): Promise<void> {
		await this.#database.write({ sql: on ? ON_SQL : OFF_SQL });
		if (on) return;
		let dropped: number | undefined;
		do {
			const [rows] = await this.#database.write({ sql: DROP_SQL });
			dropped = rows?.length;
		} while (dropped === DROP_STEP_SIZE);
	}

	/**
	 * Stores the outcomes of attempts, and leases events that are due.
	 *
	 * @param max - the maximum number of events
	 * @returns the events, and whether more may be due
	 * @throws DatabaseError, in which case nothing is stored, and leases end on their own
	 */
	async exchange(
		settled: readonly SettledEvent[],
		max: number,
	): Promise<{ readonly events: DueEvent[]; readonly more: boolean }> {
		const isDue = max > 0 && (settled.length > 0 || (await this.#isDue()));
		const statements = settled.flatMap((one) => this.#settle(one));
		if (isDue) statements.push({ sql: this.#sql.lease, values: [LEASE_SECONDS, max] });
		if (statements.length === 0) return { events: [], more: false };
		const results = await this.#database.write(...statements);
		const leased = (isDue ? results.at(-1) : []) as LeasedRow[];
		const events = await this.#read(leased.filter(({ blocked }) => !blocked));
		return { events, more: leased.length === max };
	}

	/** Returns events without an attempt, for another process to send. */
	async release(events: readonly DueEvent[]): Promise<void> {
		const { release: sql } = this.#sql;
		if (events.length === 0) return;
		await this.#database.write(...events.map(({ id, leaseEnd }) => ({ sql, values: [id, leaseEnd] })));
	}

	/**
	 * Records an event with the current state of a message.
	 *
	 * @returns whether there is such a message, and events are recorded
	 */
	async resend(messageKey: string): Promise<boolean> {
		const [, added = []] = await this.#database.write(
			// the new event replaces them
			{
				sql: 'UPDATE events SET gave_up_at = NULL WHERE message_key = $1 AND gave_up_at IS NOT NULL',
				values: [messageKey],
			},
			{ sql: this.#sql.resend, values: [messageKey] },
		);
		return added.length > 0;
	}

	/**
	 * Records an event for each message that has become overdue since the last call, in any process: for those that started
	 * first, a few hundred at a time. The first call ever records none. Messages that become known later get their event
	 * when they are stored.
	 *
	 * @param due - messages that started by then are overdue
	 * @returns whether events were recorded, and whether there may be more
	 */
	async recordOverdue(due: Date): Promise<{ readonly hasNews: boolean; readonly more: boolean }> {
		const { lockMessagesSql } = this.#database.dialect;
		const results = await this.#database.write(
			...(lockMessagesSql ? [{ sql: lockMessagesSql }] : []),
			{ sql: FIRST_MARK_SQL, values: [due.toISOString()] },
			{ sql: this.#sql.recordOverdue, values: [due] },
			{ sql: this.#sql.moveMark, values: [due] },
		);
		const [recorded = [], moved = []] = results.slice(-2);
		const [{ more } = { more: false }] = moved as { more: boolean | number }[];
		return { hasNews: recorded.length > 0, more: Boolean(more) };
	}

	/** Counts the events that are not sent yet, up to 100,000, and reads when the oldest of these was recorded. */
	async pending(): Promise<{ readonly count: number; readonly oldest: Date | undefined }> {
		const [row] = await this.#database.search<{ count: number; oldest: StoredTime | null }>(PENDING_SQL);
		return { count: row?.count ?? 0, oldest: row?.oldest ? toDate(row.oldest) : undefined };
	}

	async #isDue(): Promise<boolean> {
		return (await this.#database.query(this.#sql.isDue)).length > 0;
	}

	#settle({ event, attempt, outcome }: SettledEvent): Statement[] {
		const values = [event.id, event.leaseEnd, storableJson([...event.attempts, attempt])];
		if (typeof outcome === 'object') return [{ sql: this.#sql.retry, values: [...values, outcome.retryAfterSeconds] }];
		const wake = { sql: this.#sql.wakeNext, values: [event.id, event.leaseEnd, event.message.key] };
		return [wake, { sql: outcome === 'sent' ? SENT_SQL : this.#sql.giveUp, values }];
	}

	async #read(leased: readonly LeasedRow[]): Promise<DueEvent[]> {
		if (leased.length === 0) return [];
		const ids = leased.map((_, index) => `$${index + 1}`).join(', ');
		const rows = await this.#database.query<EventRow>(
			EVENTS_SQL.replace('IDS', ids),
			leased.map(({ id }) => id),
		);
		const leaseEnds = new Map(leased.map(({ id, leaseEnd }) => [id, toDate(leaseEnd)]));
		return rows.map((row) => toEvent(row, leaseEnds.get(row.id) as Date));
	}
}

interface LeasedRow {
	readonly id: string;
	readonly leaseEnd: StoredTime;
	/** Whether an earlier event of its message is pending; booleans are numbers in SQLite. */
	readonly blocked: boolean | number;
}

type EventRow = Omit<EventMessage, 'readReply'> &
	Pick<DueEvent, 'id' | 'type'> & {
		readonly senderAddress: string | null;
		readonly attempts: string;
		readonly createdAt: StoredTime;
		readonly submittedAt: StoredTime | null;
		readonly since: StoredTime;
		readonly readState: string | null;
		readonly readDate: StoredTime | null;
		readonly readReceivedAt: StoredTime | null;
	};

function toEvent(row: EventRow, leaseEnd: Date): DueEvent {
	const { id, type, attempts, createdAt, senderAddress, readState, readDate, readReceivedAt, ...message } = row;
	const readReply = readState !== null &&
		readReceivedAt !== null && { state: readState, date: toDate(readDate), receivedAt: toDate(readReceivedAt) };
	return {
		id,
		leaseEnd,
		type,
		attempts: JSON.parse(attempts),
		createdAt: toDate(createdAt),
		message: {
			...message,
			sender: senderText(message.sender, senderAddress),
			// a message without a report has neither
			mmStatus: message.mmStatus || null,
			transactionId: message.transactionId || null,
			final: Boolean(message.final),
			submittedAt: toDate(message.submittedAt),
			since: toDate(message.since),
			readReply: readReply || null,
		},
	};
}

const ON_SQL = `INSERT INTO settings (name, value) VALUES ('forwarding', 'on') ON CONFLICT (name) DO NOTHING`;
const OFF_SQL = `DELETE FROM settings WHERE name IN ('forwarding', 'overdue')`;
const DROP_SQL = `
	UPDATE events SET due_at = NULL
	WHERE id IN (SELECT id FROM events WHERE due_at IS NOT NULL LIMIT ${DROP_STEP_SIZE}) RETURNING 1 AS dropped`;

const FIRST_MARK_SQL = `INSERT INTO settings (name, value) VALUES ('overdue', $1) ON CONFLICT (name) DO NOTHING`;

/** Only the process that has the lease may settle an event: another one may be sending it again. */
const IS_LEASED = 'id = CAST($1 AS bigint) AND due_at = $2';
const SENT_SQL = `UPDATE events SET due_at = NULL, attempts = $3 WHERE ${IS_LEASED}`;

const PENDING_SQL = `
	SELECT CAST(pending.count AS integer) AS "count", event.created_at AS "oldest"
	FROM (
		SELECT count(*) AS count, min(id) AS id
		FROM (SELECT id FROM events WHERE due_at IS NOT NULL ORDER BY due_at LIMIT ${MAX_PENDING_COUNT}) AS counted
	) AS pending
	LEFT JOIN events AS event ON event.id = pending.id`;

/** Cuts a text whose length the provider chooses. */
const text = (column: string) => `substr(${column}, 1, ${MAX_TEXT_LENGTH})`;
const address = (column: string) => text(`coalesce(${column} ->> 'number', ${column} ->> 'address')`);

/** The report of an event is the one that determined the state then, or determines it now. */
const EVENTS_SQL = `
	SELECT CAST(event.id AS text) AS "id", event.type AS "type", event.attempts AS "attempts",
		event.created_at AS "createdAt", message.key AS "key", ${text('message.message_id')} AS "messageId",
		message.provider AS "provider", coalesce(${address('report.recipient')}, message.recipient) AS "recipient",
		message.sender AS "sender", ${address('report.sender')} AS "senderAddress",
		coalesce(${text('report.operator_id')}, message.operator_id) AS "operator",
		coalesce(event.state, message.state) AS "state", event.previous_state AS "previousState",
		coalesce(${text('report.mm_status')}, message.mm_status) AS "mmStatus",
		${text('report.status_text')} AS "statusText", coalesce(report.final, message.final) AS "final",
		${text('report.transaction_id')} AS "transactionId", coalesce(report.received_at, message.received_at) AS "since",
		message.reference AS "reference", message.submitted_at AS "submittedAt", reply.state AS "readState",
		reply.date AS "readDate", reply.received_at AS "readReceivedAt"
	FROM events AS event
	JOIN messages AS message ON message.key = event.message_key
	LEFT JOIN reports AS report
		ON report.id = CASE event.type WHEN 'message.updated' THEN event.report_id ELSE message.report_id END
	LEFT JOIN reports AS reply ON reply.id = event.report_id AND event.type = 'message.read'
	WHERE event.id IN (IDS)`;

function outboxSql({ timeAfter, storedTime, skipLocked }: Dialect) {
	const now = timeAfter('0');
	const leaseEnd = timeAfter('$1');
	const mark = storedTime(`(${OVERDUE_MARK})`);
	/** Messages that are overdue at `$1` and were not searched yet. */
	const overdue = (columns: string, condition: string, limit = '') =>
		OVERDUE_KINDS.map(
			(kind) => `SELECT * FROM (
				SELECT ${columns} FROM messages WHERE ${OVERDUE_CONDITIONS[kind]} AND started_at > ${mark} AND ${condition} ${limit}
			) AS found`,
		).join(' UNION ALL ');
	// several messages can start at the same time; if there are fewer, all are searched
	const nextMark = `coalesce((
		SELECT started_at
		FROM (${overdue('started_at', 'started_at <= $1', `ORDER BY started_at LIMIT ${OVERDUE_STEP_SIZE}`)}) AS next
		ORDER BY started_at LIMIT 1 OFFSET ${OVERDUE_STEP_SIZE - 1}
	), $1)`;
	const predecessors = `events AS first
		WHERE first.message_key = events.message_key AND first.id < events.id AND first.due_at IS NOT NULL`;
	return {
		isDue: `SELECT 1 AS found FROM events WHERE due_at <= ${now} LIMIT 1`,
		lease: `
			UPDATE events SET due_at = coalesce((
				SELECT CASE WHEN first.due_at > ${leaseEnd} THEN first.due_at ELSE ${leaseEnd} END
				FROM ${predecessors} ORDER BY first.id LIMIT 1
			), ${leaseEnd})
			WHERE id IN (SELECT id FROM events WHERE due_at <= ${now} ORDER BY due_at, id LIMIT $2 ${skipLocked})
			RETURNING CAST(id AS text) AS "id", due_at AS "leaseEnd", EXISTS (SELECT 1 FROM ${predecessors}) AS "blocked"`,
		retry: `UPDATE events SET due_at = ${timeAfter('$4')}, attempts = $3 WHERE ${IS_LEASED}`,
		giveUp: `UPDATE events SET due_at = NULL, attempts = $3, gave_up_at = ${now} WHERE ${IS_LEASED}`,
		release: `UPDATE events SET due_at = ${now} WHERE ${IS_LEASED}`,
		wakeNext: `
			UPDATE events SET due_at = ${now} WHERE id = (
				SELECT min(id) FROM events WHERE message_key = $3 AND id > CAST($1 AS bigint) AND due_at IS NOT NULL
			) AND EXISTS (SELECT 1 FROM events WHERE ${IS_LEASED})`,
		resend: `
			INSERT INTO events (${EVENT_COLUMNS})
			SELECT key, 'message.updated', state, NULL, report_id, ${now}, ${now}
			FROM messages WHERE key = $1 AND ${FORWARDING_IS_ON}
			RETURNING id`,
		recordOverdue: `
			INSERT INTO events (${EVENT_COLUMNS})
			SELECT key, 'message.overdue', state, NULL, report_id, ${now}, ${now}
			FROM (${overdue('key, state, report_id, started_at', `started_at <= ${nextMark}`)}) AS message
			WHERE ${FORWARDING_IS_ON} AND NOT EXISTS (${overdueEventOf('message')})
			ORDER BY started_at, key
			RETURNING id`,
		moveMark: `
			UPDATE settings SET value = CAST(${nextMark} AS text) WHERE name = 'overdue'
			RETURNING ${storedTime('value')} < $1 AS more`,
	};
}
