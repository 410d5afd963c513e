import { EVENT_COLUMNS, FORWARDING_IS_ON, isReported } from '../events.js';
import { SQLITE } from './dialect.js';

const NOW = SQLITE.timeAfter('0');

/** Creates a trigger that records an event for each row. */
function record(name: string, event: string, condition: string, values: string): string {
	return `DROP TRIGGER IF EXISTS ${name};
		CREATE TRIGGER ${name} AFTER ${event} WHEN ${condition} AND ${FORWARDING_IS_ON} BEGIN
			INSERT INTO events (${EVENT_COLUMNS}) VALUES (${values}, ${NOW}, ${NOW});
		END;`;
}

/** Triggers that record events in the transaction of their cause, and delete them with their message. */
export const SQLITE_EVENT_TRIGGERS: string = [
	record(
		'record_first_state',
		'INSERT ON messages',
		isReported('NEW'),
		`NEW.key, 'message.updated', NEW.state, NULL, NEW.report_id`,
	),
	record(
		'record_next_state',
		'UPDATE OF state ON messages',
		`NEW.state <> OLD.state AND ${isReported('NEW')}`,
		`NEW.key, 'message.updated', NEW.state, OLD.state, NEW.report_id`,
	),
	record(
		'record_read_reply',
		'INSERT ON reports',
		`NEW.kind = 'read'`,
		`substr(NEW.duplicate_key, 1, instr(NEW.duplicate_key, '.') - 1), 'message.read', NULL, NULL, NEW.id`,
	),
	`DROP TRIGGER IF EXISTS forget_events;
	CREATE TRIGGER forget_events AFTER DELETE ON messages BEGIN
		DELETE FROM events WHERE message_key = OLD.key;
	END;`,
].join('\n');
