import { EVENT_COLUMNS, FORWARDING_IS_ON, isReported, OVERDUE_MARK, overdueEventOf } from '../events.js';
import { POSTGRES } from './dialect.js';

const NOW = POSTGRES.timeAfter('0');
const MARK = POSTGRES.storedTime(`(${OVERDUE_MARK})`);

/** A function that records events, and its trigger. */
function record(name: string, trigger: string, select: string): string {
	return replace(name, trigger, `IF ${FORWARDING_IS_ON} THEN INSERT INTO events (${EVENT_COLUMNS}) ${select}; END IF;`);
}

function replace(name: string, trigger: string, body: string): string {
	const [, table] = / ON (\w+)/.exec(trigger) ?? [];
	return `
		CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			${body}
			RETURN NULL;
		END $$;
		DROP TRIGGER IF EXISTS ${name} ON ${table};
		CREATE TRIGGER ${name} AFTER ${trigger} EXECUTE FUNCTION ${name}();`;
}

/**
 * Functions and triggers that record events in the transaction of their cause, and delete them with their message.
 * PostgreSQL runs triggers in the order of their names. These come after those of the counters, whose lock is held
 * until the commit, so the events of a message are numbered in the order in which they become visible. A message that
 * the search for overdue ones has passed already gets its event here.
 */
export const POSTGRES_EVENT_TRIGGERS: string = [
	record(
		'record_first_states',
		'INSERT ON messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT',
		`SELECT key, 'message.updated', state, NULL, report_id, ${NOW}, ${NOW} FROM added WHERE ${isReported('added')}
			UNION ALL SELECT key, 'message.overdue', state, NULL, report_id, ${NOW}, ${NOW} FROM added
			WHERE NOT final AND started_at <= ${MARK}`,
	),
	record(
		'record_next_states',
		'UPDATE ON messages REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT',
		`SELECT added.key, 'message.updated', added.state, removed.state, added.report_id, ${NOW}, ${NOW}
			FROM added JOIN removed ON removed.key = added.key
			WHERE added.state <> removed.state AND ${isReported('added')}
			UNION ALL SELECT added.key, 'message.overdue', added.state, NULL, added.report_id, ${NOW}, ${NOW}
			FROM added JOIN removed ON removed.key = added.key
			WHERE NOT added.final AND added.started_at < removed.started_at AND added.started_at <= ${MARK}
				AND NOT EXISTS (${overdueEventOf('added')})`,
	),
	record(
		'record_read_reply',
		`INSERT ON reports FOR EACH ROW WHEN (NEW.kind = 'read')`,
		`VALUES (split_part(NEW.duplicate_key, '.', 1), 'message.read', NULL, NULL, NEW.id, ${NOW}, ${NOW})`,
	),
	replace(
		'forget_events',
		'DELETE ON messages REFERENCING OLD TABLE AS removed FOR EACH STATEMENT',
		'DELETE FROM events USING removed WHERE events.message_key = removed.key;',
	),
].join('\n');
