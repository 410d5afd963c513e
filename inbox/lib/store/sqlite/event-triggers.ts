import { EVENT_COLUMNS, FORWARDING_IS_ON, isReported, OVERDUE_MARK, overdueEventOf } from '../events.js';
import { SQLITE } from './dialect.js';

const NOW = SQLITE.timeAfter('0');

/** An event of the changed row of `messages`. */
const eventOf = (type: string, previousState: string, condition: string) =>
	`SELECT NEW.key, '${type}', NEW.state, ${previousState}, NEW.report_id, ${NOW}, ${NOW} WHERE ${condition}`;

/** Creates a trigger that records events for each row. */
function record(name: string, event: string, condition: string, ...events: readonly string[]): string {
	const inserts = events.map((select) => `INSERT INTO events (${EVENT_COLUMNS}) ${select};`);
	return `DROP TRIGGER IF EXISTS ${name};
		CREATE TRIGGER ${name} AFTER ${event} WHEN ${condition} AND ${FORWARDING_IS_ON} BEGIN ${inserts.join('\n')} END;`;
}

/**
 * Triggers that record events in the transaction of their cause, and delete them with their message. A message that the
 * search for overdue ones has passed already gets its event here.
 */
export const SQLITE_EVENT_TRIGGERS: string = [
	record(
		'record_first_state',
		'INSERT ON messages',
		'true',
		eventOf('message.updated', 'NULL', isReported('NEW')),
		eventOf('message.overdue', 'NULL', `NOT NEW.final AND NEW.started_at <= (${OVERDUE_MARK})`),
	),
	record(
		'record_next_state',
		'UPDATE OF state, started_at ON messages',
		'(NEW.state <> OLD.state OR NEW.started_at < OLD.started_at)',
		eventOf('message.updated', 'OLD.state', `NEW.state <> OLD.state AND ${isReported('NEW')}`),
		eventOf(
			'message.overdue',
			'NULL',
			`NOT NEW.final AND NEW.started_at < OLD.started_at AND NEW.started_at <= (${OVERDUE_MARK})
				AND NOT EXISTS (${overdueEventOf('NEW')})`,
		),
	),
	record(
		'record_read_reply',
		'INSERT ON reports',
		`NEW.kind = 'read'`,
		`VALUES (substr(NEW.duplicate_key, 1, instr(NEW.duplicate_key, '.') - 1), 'message.read', NULL, NULL, NEW.id,
			${NOW}, ${NOW})`,
	),
	`DROP TRIGGER IF EXISTS forget_events;
	CREATE TRIGGER forget_events AFTER DELETE ON messages BEGIN
		DELETE FROM events WHERE message_key = OLD.key;
	END;`,
].join('\n');
