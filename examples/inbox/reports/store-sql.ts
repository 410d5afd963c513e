import { MESSAGE_COLUMNS, REPORT_COLUMNS } from './report-row.js';

/** What became of each report that was new, by its duplicate key. */
export type Added = ReadonlyMap<string, 'current' | 'superseded'>;

/** The columns of `reports` that are written. */
export const REPORT_NAMES = Object.keys(REPORT_COLUMNS);

/** The columns of `messages` that are written, but for `report_id`. */
export const MESSAGE_NAMES = Object.keys(MESSAGE_COLUMNS).filter((name) => name !== 'duplicate_key');

/** Ends an INSERT of messages: of two reports the greater one says what the state of the message is. */
export const UNLESS_GREATER_SQL = `
	ON CONFLICT (key) DO UPDATE SET
		${MESSAGE_NAMES.filter((name) => name !== 'key')
			.map((name) => `${name} = excluded.${name}`)
			.join(', ')}, report_id = excluded.report_id
	WHERE (excluded.certainty, excluded.at, excluded.report_id)
		> (messages.certainty, messages.at, messages.report_id)`;
