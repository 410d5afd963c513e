/**
 * Migrations from one version of the tables to the next, in PostgreSQL's SQL. Released migrations never change; new
 * ones are added at the end.
 *
 * Indexes contain at most the first 200 characters of an id, because PostgreSQL limits an index row to 2.7 kB and
 * providers may send ids of any length. Text searched by prefix has the collation "C", which sorts by character.
 */
export const MIGRATIONS: readonly string[] = [
	`
	CREATE TABLE reports (
		id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		kind                  text NOT NULL,
		provider              text NOT NULL,
		duplicate_key         text COLLATE "C" NOT NULL UNIQUE,
		transaction_id        text COLLATE "C" NOT NULL,
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
		xml                   bytea NOT NULL,
		xml_dictionary        integer NOT NULL
	) WITH (autovacuum_vacuum_scale_factor = 0.02);
	CREATE INDEX reports_received ON reports (received_at, id) WHERE kind <> 'submission';
	CREATE INDEX reports_submitted ON reports (received_at, id) WHERE kind = 'submission';
	CREATE INDEX reports_transaction_id ON reports (substr(transaction_id, 1, 200));

	CREATE TABLE messages (
		key                   text COLLATE "C" PRIMARY KEY,
		provider              text COLLATE "C" NOT NULL,
		message_id            text COLLATE "C" NOT NULL,
		message_id_reversed   text COLLATE "C" NOT NULL,
		recipient             text COLLATE "C" NOT NULL,
		recipient_reversed    text COLLATE "C" NOT NULL,
		sender                text COLLATE "C",
		operator_id           text COLLATE "C",
		state                 text NOT NULL,
		final                 boolean NOT NULL,
		mm_status             text COLLATE "C" NOT NULL,
		rank                  text COLLATE "C" NOT NULL,
		reason                text,
		reference             text COLLATE "C",
		registered_sender     text COLLATE "C",
		registered_time       timestamptz,
		submitted_at          timestamptz,
		started_at            timestamptz NOT NULL,
		received_at           timestamptz NOT NULL,
		report_id             bigint NOT NULL
	) WITH (autovacuum_vacuum_scale_factor = 0.02);
	CREATE INDEX messages_message_id ON messages (substr(message_id, 1, 200));
	CREATE INDEX messages_message_id_reversed ON messages (message_id_reversed);
	CREATE INDEX messages_recipient ON messages (recipient);
	CREATE INDEX messages_recipient_reversed ON messages (recipient_reversed);
	CREATE INDEX messages_sender ON messages (sender, received_at, report_id, state, mm_status, operator_id, provider);
	CREATE INDEX messages_listed ON messages (received_at, report_id, state, mm_status, operator_id, provider);
	CREATE INDEX messages_started ON messages (started_at);
	CREATE INDEX messages_reference ON messages (reference) WHERE reference IS NOT NULL;
	CREATE INDEX messages_no_report
		ON messages (started_at, report_id, received_at, sender, state, mm_status, operator_id, provider)
		WHERE state = 'submitted';
	CREATE INDEX messages_no_receipt
		ON messages (started_at, report_id, received_at, sender, state, mm_status, operator_id, provider)
		WHERE NOT final AND state <> 'submitted';

	CREATE TABLE refused_requests (
		id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		received_at     timestamptz NOT NULL,
		reason          text COLLATE "C" NOT NULL,
		message         text NOT NULL,
		http_status     integer,
		status_code     integer,
		provider        text NOT NULL,
		peer            text NOT NULL,
		method          text,
		path            text,
		headers         text NOT NULL,
		size            integer NOT NULL,
		body            bytea NOT NULL
	);
	CREATE INDEX refused_requests_reason ON refused_requests (reason, id);

	CREATE TABLE refusal_counts (
		hour            integer NOT NULL,
		reason          text COLLATE "C" NOT NULL,
		provider        text COLLATE "C" NOT NULL,
		peer            text COLLATE "C" NOT NULL,
		count           bigint NOT NULL,
		first_at        timestamptz NOT NULL,
		last_at         timestamptz NOT NULL,
		PRIMARY KEY (hour, reason, provider, peer)
	) WITH (fillfactor = 50);

	CREATE TABLE refusal_batches (
		id              text COLLATE "C" PRIMARY KEY
	);

	CREATE TABLE totals (
		name            text COLLATE "C" PRIMARY KEY,
		count           bigint NOT NULL
	) WITH (fillfactor = 50);

	CREATE TABLE counters (
		hour            integer NOT NULL,
		provider        text COLLATE "C" NOT NULL,
		operator_id     text COLLATE "C" NOT NULL,
		mm_status       text COLLATE "C" NOT NULL,
		state           text COLLATE "C" NOT NULL,
		changed         bigint NOT NULL,
		started         bigint NOT NULL,
		PRIMARY KEY (hour, provider, operator_id, mm_status, state)
	) WITH (fillfactor = 50);
	CREATE TABLE sender_counters (
		hour            integer NOT NULL,
		provider        text COLLATE "C" NOT NULL,
		sender          text COLLATE "C" NOT NULL,
		state           text COLLATE "C" NOT NULL,
		changed         bigint NOT NULL,
		started         bigint NOT NULL,
		PRIMARY KEY (hour, provider, sender, state)
	) WITH (fillfactor = 50);
	CREATE TABLE delivery_times (
		hour            integer NOT NULL,
		provider        text COLLATE "C" NOT NULL,
		seconds         integer NOT NULL,
		changed         bigint NOT NULL,
		started         bigint NOT NULL,
		PRIMARY KEY (hour, provider, seconds)
	) WITH (fillfactor = 50);
	CREATE TABLE failure_counters (
		hour            integer NOT NULL,
		provider        text COLLATE "C" NOT NULL,
		mm_status       text COLLATE "C" NOT NULL,
		reason          text COLLATE "C" NOT NULL,
		changed         bigint NOT NULL,
		started         bigint NOT NULL,
		PRIMARY KEY (hour, provider, mm_status, reason)
	) WITH (fillfactor = 50);

	CREATE TABLE settings (
		name            text COLLATE "C" PRIMARY KEY,
		value           text NOT NULL
	);

	CREATE TABLE events (
		id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		message_key     text COLLATE "C" NOT NULL,
		type            text NOT NULL,
		state           text,
		previous_state  text,
		report_id       bigint,
		created_at      timestamptz NOT NULL,
		due_at          timestamptz,
		attempts        text NOT NULL DEFAULT '[]',
		gave_up_at      timestamptz
	) WITH (autovacuum_vacuum_scale_factor = 0.02);
	CREATE INDEX events_message ON events (message_key, id);
	CREATE INDEX events_due ON events (due_at, id) WHERE due_at IS NOT NULL;
	CREATE INDEX events_given_up ON events (gave_up_at) WHERE gave_up_at IS NOT NULL;
	`,
];
