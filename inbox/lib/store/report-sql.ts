import { KEY_COLUMNS, MESSAGE_COLUMNS, REPORT_COLUMNS } from './report-row.js';

/** The columns of `reports` that are set for each report. */
export const REPORT_NAMES = Object.keys(REPORT_COLUMNS).join(', ');

/** Of these, each message keeps the greatest value of all its registrations. */
const REGISTERED = ['reference', 'registered_sender', 'registered_time'];

/** These come from the registration if it has them, otherwise from the reports. */
const COMBINED = ['sender', 'submitted_at'];

/** These come from the report with the highest rank. */
const DECIDED = Object.keys(MESSAGE_COLUMNS).filter(
	(name) => ![...KEY_COLUMNS, ...REGISTERED, ...COMBINED, 'duplicate_key'].includes(name),
);

const DECIDES = 'excluded.rank > messages.rank';
const decided = (name: string) => `CASE WHEN ${DECIDES} THEN excluded.${name} ELSE messages.${name} END`;
const isGreater = (name: string) => `coalesce(excluded.${name} > messages.${name}, excluded.${name} IS NOT NULL)`;
const greatest = (name: string) => `CASE WHEN ${isGreater(name)} THEN excluded.${name} ELSE messages.${name} END`;

const SUBMITTED_AT = `coalesce(${greatest('registered_time')}, ${greatest('submitted_at')})`;
const STARTS_EARLIER = 'excluded.started_at < messages.started_at';

const CHANGES: Readonly<Record<string, string>> = {
	...Object.fromEntries([...DECIDED, 'report_id'].map((name) => [name, decided(name)])),
	...Object.fromEntries(REGISTERED.map((name) => [name, greatest(name)])),
	sender: `coalesce(${greatest('registered_sender')}, ${decided('sender')})`,
	submitted_at: SUBMITTED_AT,
	started_at: `coalesce(${SUBMITTED_AT}, CASE WHEN ${STARTS_EARLIER} THEN excluded.started_at ELSE messages.started_at END)`,
};

/**
 * Updates each message with the new reports and registrations about it. The row is the same in whatever order, grouping
 * and process they are stored:
 *
 * - the report with the highest rank determines the state. If ranks are equal, which only happens if reports differ just
 *   in the notation of their date or recipient, the first one wins;
 * - of several registrations, each field keeps its greatest value: the latest time, and the last reference and sender in
 *   the order of their bytes;
 * - a registered sender or time of submission wins over one from a report;
 * - the message starts when it was submitted or, if that is unknown, with the earliest of its reports and registrations.
 *
 * Columns that the key determines are not set, because SQLite would rewrite all their indexes.
 *
 * @param records - the records of the messages
 * @param reports - the new rows of `reports`, with their ids
 */
export function updateMessagesSql(records: string, reports: string): string {
	const copied = [...KEY_COLUMNS, ...DECIDED];
	const maxima = [...REGISTERED, 'submitted_at'].map((name) => `max(record.${name}) OVER message AS ${name}`);
	return `
		INSERT INTO messages (${[...copied, ...REGISTERED, ...COMBINED].join(', ')}, started_at, report_id)
		SELECT ${[...copied, ...REGISTERED].join(', ')}, coalesce(registered_sender, sender),
			coalesce(registered_time, submitted_at), coalesce(registered_time, submitted_at, first_at), report_id
		FROM (
			SELECT ${[...copied, 'sender'].map((name) => `record.${name}`).join(', ')}, ${maxima.join(', ')},
				min(record.received_at) OVER message AS first_at, report.id AS report_id,
				row_number() OVER (PARTITION BY record.key ORDER BY record.rank DESC, report.id) AS place
			FROM ${records} AS record JOIN ${reports} AS report ON report.duplicate_key = record.duplicate_key
			WINDOW message AS (PARTITION BY record.key)
		) AS placed
		WHERE place = 1
		ORDER BY key
		ON CONFLICT (key) DO UPDATE SET
			${Object.entries(CHANGES)
				.map(([name, value]) => `${name} = ${value}`)
				.join(', ')}
		WHERE ${[DECIDES, STARTS_EARLIER, ...[...REGISTERED, 'submitted_at'].map(isGreater)].join(' OR ')}
		RETURNING report_id`;
}
