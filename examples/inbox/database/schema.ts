import type { Database } from './database.js';

/** Any number, but the same in every process that makes these tables. */
const SCHEMA_LOCK = 20_26_07_07;

/**
 * Makes what is missing, and nothing else: can run at every start, in several processes at once.
 *
 * Indexes hold the first 200 characters of an id, for an index row has to stay below 2.7 kB and a provider may send
 * anything.
 */
const SCHEMA = `
SELECT pg_advisory_xact_lock(${SCHEMA_LOCK});

CREATE TABLE IF NOT EXISTS reports (
	id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	duplicate_key         text NOT NULL UNIQUE,
	message_key           text NOT NULL,
	transaction_id        text NOT NULL,
	message_id            text NOT NULL,
	recipient             jsonb NOT NULL,
	recipient_search      text NOT NULL,
	sender                jsonb,
	sender_search         text,
	date                  timestamptz,
	date_text             text,
	mm_status             text NOT NULL,
	state                 text NOT NULL,
	final                 boolean NOT NULL,
	mm_status_extension   text,
	status_text           text,
	applic_id             text,
	reply_applic_id       text,
	aux_applic_info       text,
	ua_capabilities       jsonb,
	operator_id           text,
	extensions            jsonb NOT NULL,
	namespace             text,
	mm7_version           text,
	mms_relay_server_id   text,
	received_at           timestamptz NOT NULL,
	xml                   text NOT NULL
);
CREATE INDEX IF NOT EXISTS reports_message_id ON reports (left(message_id, 200), id);
CREATE INDEX IF NOT EXISTS reports_recipient ON reports (recipient_search, id);
CREATE INDEX IF NOT EXISTS reports_sender ON reports (sender_search, id);

CREATE TABLE IF NOT EXISTS messages (
	key         text PRIMARY KEY,
	message_id  text NOT NULL,
	recipient   text NOT NULL,
	state       text NOT NULL,
	final       boolean NOT NULL,
	mm_status   text NOT NULL,
	certainty   smallint NOT NULL,
	at          timestamptz NOT NULL,
	report_id   bigint NOT NULL REFERENCES reports
);
CREATE INDEX IF NOT EXISTS messages_state ON messages (state);
CREATE INDEX IF NOT EXISTS messages_report ON messages (report_id);

CREATE TABLE IF NOT EXISTS unreadable (
	id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	received_at   timestamptz NOT NULL DEFAULT now(),
	error_code    text NOT NULL,
	error_message text NOT NULL,
	content_type  text,
	size          integer NOT NULL,
	body          bytea NOT NULL
);
`;

/**
 * Makes the tables.
 *
 * @throws Error where the database cannot hold every text
 */
export async function createSchema(database: Database): Promise<void> {
	const [row] = await database.query<{ encoding: string }>(`SELECT current_setting('server_encoding') AS encoding`);
	if (row?.encoding !== 'UTF8') {
		throw new Error(`The database has the encoding ${row?.encoding}; create one with ENCODING 'UTF8'`);
	}
	await database.script(SCHEMA);
}
