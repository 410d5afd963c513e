/** The kind of an event: a report changed a message's state, a new read reply arrived, or a message is overdue. */
export type EventType = 'message.updated' | 'message.read' | 'message.overdue';

/** An SQL condition: whether some process of this database sends events to an application. */
export const FORWARDING_IS_ON = `EXISTS (SELECT 1 FROM settings WHERE name = 'forwarding')`;

/** The columns that a new event sets. */
export const EVENT_COLUMNS = 'message_key, type, state, previous_state, report_id, created_at, due_at';

/**
 * An SQL condition for a row of `messages`: a delivery report determines its state. The ranks of registrations and read
 * replies sort before the digits.
 */
export const isReported = (row: string): string => `${row}.rank >= '0'`;

/** Selects the event that says that a message is overdue, for a row of `messages`. */
export const overdueEventOf = (row: string): string =>
	`SELECT 1 FROM events WHERE events.message_key = ${row}.key AND events.type = 'message.overdue'`;

/** Selects the time up to which messages were searched for overdue ones, as text: those that started by then. */
export const OVERDUE_MARK = `SELECT value FROM settings WHERE name = 'overdue'`;
