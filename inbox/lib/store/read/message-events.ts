import type { Database } from '../database.js';
import { type EventType, FORWARDING_IS_ON } from '../events.js';
import type { Attempt } from '../outbox.js';
import { type StoredTime, toDate } from './to-date.js';

/** The events of a message that were sent, or will be sent, to the application. */
export interface MessageEvents {
	/** Whether events are recorded, so that one can be sent again. */
	readonly isOn: boolean;
	/** The newest ones, newest first. */
	readonly events: readonly StoredEvent[];
}

/** An event and its attempts. */
export interface StoredEvent {
	readonly id: string;
	readonly type: EventType;
	/** The message's state as of the event, if that is what the event is about. */
	readonly state: string | null;
	readonly createdAt: Date;
	/** When the next attempt is due; null if there is none. */
	readonly dueAt: Date | null;
	/** When the inbox gave up on it; null also if the message was sent again since. */
	readonly gaveUpAt: Date | null;
	/** Oldest first. */
	readonly attempts: readonly Attempt[];
}

/** An event that was given up. */
export interface GivenUp {
	readonly messageKey: string;
	readonly gaveUpAt: Date;
}

const MAX_EVENTS = 10;
/** The number of given up events to count. */
export const MAX_GIVEN_UP = 100;

/** Creates the queries. */
export function eventQueries(database: Database) {
	return {
		/** Reads the events of a message. */
		async of(messageKey: string): Promise<MessageEvents> {
			const [on, rows] = await Promise.all([
				database.query(ON_SQL),
				database.query<EventRow>(EVENTS_SQL, [messageKey]),
			]);
			const events = rows.map((row) => ({
				...row,
				createdAt: toDate(row.createdAt),
				dueAt: toDate(row.dueAt),
				gaveUpAt: toDate(row.gaveUpAt),
				attempts: JSON.parse(row.attempts),
			}));
			return { isOn: on.length > 0, events };
		},
		/** Reads the events that were given up and not sent again since, newest first, up to one more than a hundred. */
		async givenUp(): Promise<GivenUp[]> {
			const rows = await database.query<{ messageKey: string; gaveUpAt: StoredTime }>(GIVEN_UP_SQL);
			return rows.map(({ messageKey, gaveUpAt }) => ({ messageKey, gaveUpAt: toDate(gaveUpAt) }));
		},
	};
}

interface EventRow {
	readonly id: string;
	readonly type: EventType;
	readonly state: string | null;
	readonly createdAt: StoredTime;
	readonly dueAt: StoredTime | null;
	readonly gaveUpAt: StoredTime | null;
	readonly attempts: string;
}

const ON_SQL = `SELECT 1 AS found WHERE ${FORWARDING_IS_ON}`;

const EVENTS_SQL = `
	SELECT CAST(id AS text) AS "id", type AS "type", state AS "state", created_at AS "createdAt", due_at AS "dueAt",
		gave_up_at AS "gaveUpAt", attempts AS "attempts"
	FROM events WHERE message_key = $1 ORDER BY events.id DESC LIMIT ${MAX_EVENTS}`;

const GIVEN_UP_SQL = `
	SELECT message_key AS "messageKey", gave_up_at AS "gaveUpAt"
	FROM events WHERE gave_up_at IS NOT NULL ORDER BY gave_up_at DESC LIMIT ${MAX_GIVEN_UP + 1}`;
