-- The tables of the inbox before their version was kept, with one report.
CREATE TABLE reports (
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
CREATE INDEX reports_message_id ON reports (left(message_id, 200), id);
CREATE INDEX reports_recipient ON reports (recipient_search, id);
CREATE INDEX reports_sender ON reports (sender_search, id);

CREATE TABLE messages (
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
CREATE INDEX messages_state ON messages (state);
CREATE INDEX messages_report ON messages (report_id);

CREATE TABLE unreadable (
	id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	received_at   timestamptz NOT NULL DEFAULT now(),
	error_code    text NOT NULL,
	error_message text NOT NULL,
	content_type  text,
	size          integer NOT NULL,
	body          bytea NOT NULL
);

INSERT INTO reports (duplicate_key, message_key, transaction_id, message_id, recipient, recipient_search, sender,
	sender_search, mm_status, state, final, extensions, received_at, xml)
VALUES ('QRr5I22TX2kY9ATe6L7QhB8eApebNO0KJmzLobm1a40', 'LpEzohtgKOlztu1RjRO5Sapv0BhN8aixki0KTO_JYKU', 't1', 'm1', '{"kind":"Number","address":"+12015550123","number":"+12015550123"}', '12015550123',
	'{"kind":"ShortCode","address":"54321","number":"54321"}', '54321', 'Retrieved', 'delivered', true, '{}',
	'2026-03-16T14:03:51Z', '<Envelope/>');
INSERT INTO messages (key, message_id, recipient, state, final, mm_status, certainty, at, report_id)
SELECT 'LpEzohtgKOlztu1RjRO5Sapv0BhN8aixki0KTO_JYKU', 'm1', '12015550123', 'delivered', true, 'Retrieved', 2, received_at, id FROM reports;
