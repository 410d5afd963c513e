/**
 * What brings the file from one version of its tables to the next. Released ones never change; new ones are added at the
 * end. Times are text in ISO 8601, in UTC and with milliseconds, so that they sort and can be read; booleans are 0 and 1.
 */
export const MIGRATIONS: readonly string[] = [
	`
	CREATE TABLE reports (
		id                    integer PRIMARY KEY AUTOINCREMENT,
		kind                  text NOT NULL,
		duplicate_key         text NOT NULL UNIQUE,
		message_key           text NOT NULL,
		transaction_id        text NOT NULL,
		message_id            text NOT NULL,
		recipient             text NOT NULL,
		sender                text,
		date                  text,
		date_text             text,
		mm_status             text NOT NULL,
		state                 text NOT NULL,
		final                 integer NOT NULL,
		mm_status_extension   text,
		status_text           text,
		applic_id             text,
		reply_applic_id       text,
		aux_applic_info       text,
		ua_capabilities       text,
		operator_id           text,
		extensions            text NOT NULL,
		namespace             text,
		mm7_version           text,
		mms_relay_server_id   text,
		received_at           text NOT NULL,
		xml                   text NOT NULL
	) STRICT;
	CREATE INDEX reports_message ON reports (message_key, id);
	CREATE INDEX reports_received ON reports (received_at);

	CREATE TABLE messages (
		key                   text PRIMARY KEY,
		message_id            text NOT NULL,
		message_id_reversed   text NOT NULL,
		recipient             text NOT NULL,
		recipient_reversed    text NOT NULL,
		sender                text,
		sender_reversed       text,
		operator_id           text,
		state                 text NOT NULL,
		final                 integer NOT NULL,
		mm_status             text NOT NULL,
		rank                  text NOT NULL,
		received_at           text NOT NULL,
		report_id             integer NOT NULL REFERENCES reports
	) STRICT;
	CREATE INDEX messages_message_id ON messages (substr(message_id, 1, 200));
	CREATE INDEX messages_message_id_reversed ON messages (message_id_reversed);
	CREATE INDEX messages_recipient ON messages (recipient);
	CREATE INDEX messages_recipient_reversed ON messages (recipient_reversed);
	CREATE INDEX messages_sender ON messages (sender);
	CREATE INDEX messages_sender_reversed ON messages (sender_reversed);
	CREATE INDEX messages_listed ON messages (received_at, report_id, state, mm_status, operator_id);
	CREATE INDEX messages_report ON messages (report_id);

	CREATE TABLE unreadable (
		id              integer PRIMARY KEY AUTOINCREMENT,
		received_at     text NOT NULL,
		remote_address  text,
		error_code      text NOT NULL,
		error_message   text NOT NULL,
		content_type    text,
		size            integer NOT NULL,
		body            blob NOT NULL
	) STRICT;
	`,
];
