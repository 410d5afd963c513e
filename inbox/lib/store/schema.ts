/**
 * What brings a database from one version of its tables to the next, as PostgreSQL says it. Released versions never
 * change; new ones are added at the end.
 *
 * Indexes hold at most the first 200 characters of an id: an index row has to stay below 2.7 kB in PostgreSQL, and a
 * provider may send anything. Text that is found by its beginning has the collation "C", which sorts by character.
 */
export const MIGRATIONS: readonly string[] = [
	`
	CREATE TABLE reports (
		id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		kind                  text NOT NULL,
		duplicate_key         text NOT NULL UNIQUE,
		message_key           text NOT NULL,
		transaction_id        text NOT NULL,
		message_id            text NOT NULL,
		recipient             jsonb NOT NULL,
		sender                jsonb,
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
	CREATE INDEX reports_message ON reports (message_key, id);
	CREATE INDEX reports_received ON reports (received_at, id);

	CREATE TABLE messages (
		key                   text PRIMARY KEY,
		message_id            text COLLATE "C" NOT NULL,
		message_id_reversed   text COLLATE "C" NOT NULL,
		recipient             text COLLATE "C" NOT NULL,
		recipient_reversed    text COLLATE "C" NOT NULL,
		sender                text COLLATE "C",
		sender_reversed       text COLLATE "C",
		operator_id           text,
		state                 text NOT NULL,
		final                 boolean NOT NULL,
		mm_status             text NOT NULL,
		rank                  text COLLATE "C" NOT NULL,
		received_at           timestamptz NOT NULL,
		report_id             bigint NOT NULL REFERENCES reports
	);
	CREATE INDEX messages_message_id ON messages (substr(message_id, 1, 200));
	CREATE INDEX messages_message_id_reversed ON messages (message_id_reversed);
	CREATE INDEX messages_recipient ON messages (recipient);
	CREATE INDEX messages_recipient_reversed ON messages (recipient_reversed);
	CREATE INDEX messages_sender ON messages (sender);
	CREATE INDEX messages_sender_reversed ON messages (sender_reversed);
	CREATE INDEX messages_listed ON messages (received_at, report_id, state, mm_status, operator_id);
	CREATE INDEX messages_report ON messages (report_id);

	CREATE TABLE unreadable (
		id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		received_at     timestamptz NOT NULL,
		remote_address  text,
		error_code      text NOT NULL,
		error_message   text NOT NULL,
		content_type    text,
		size            integer NOT NULL,
		body            bytea NOT NULL
	);
	`,
];
