import type { ClientBase } from 'pg';

/** Any number, but the same in every process that makes these tables. */
const SCHEMA_LOCK = 20_26_07_07;

/**
 * What brings a database from one version of its tables to the next. Released ones never change; new ones are added at
 * the end. The first made its tables before versions were kept, so it makes only what is missing.
 *
 * Indexes hold at most the first 200 characters of an id, for an index row has to stay below 2.7 kB and a provider may
 * send anything. What is sought by its beginning has the collation "C", for only its order is that of the characters.
 */
const MIGRATIONS: readonly string[] = [
	`
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
	`,
	`
	ALTER TABLE messages
		ADD COLUMN message_id_reversed text COLLATE "C",
		ADD COLUMN recipient_reversed text COLLATE "C",
		ADD COLUMN sender text COLLATE "C",
		ADD COLUMN sender_reversed text COLLATE "C",
		ADD COLUMN operator_id text,
		ADD COLUMN received_at timestamptz,
		ALTER COLUMN message_id TYPE text COLLATE "C",
		ALTER COLUMN recipient TYPE text COLLATE "C";
	UPDATE messages SET
		message_id_reversed = left(reverse(messages.message_id), 200),
		recipient_reversed = reverse(messages.recipient),
		sender = report.sender_search,
		sender_reversed = reverse(report.sender_search),
		operator_id = report.operator_id,
		received_at = report.received_at
	FROM reports report WHERE report.id = messages.report_id;
	ALTER TABLE messages
		ALTER COLUMN message_id_reversed SET NOT NULL,
		ALTER COLUMN recipient_reversed SET NOT NULL,
		ALTER COLUMN received_at SET NOT NULL;
	DROP INDEX IF EXISTS messages_state;
	CREATE INDEX messages_message_id ON messages (substr(message_id, 1, 200));
	CREATE INDEX messages_message_id_reversed ON messages (message_id_reversed);
	CREATE INDEX messages_recipient ON messages (recipient);
	CREATE INDEX messages_recipient_reversed ON messages (recipient_reversed);
	CREATE INDEX messages_sender ON messages (sender);
	CREATE INDEX messages_sender_reversed ON messages (sender_reversed);
	CREATE INDEX messages_state ON messages (state, received_at);
	CREATE INDEX messages_received ON messages (received_at);

	UPDATE messages SET key = left(regexp_replace(message_id, '[^A-Za-z0-9_-]', '', 'g'), 24) || '-' || key;
	UPDATE reports SET
		message_key = left(regexp_replace(message_id, '[^A-Za-z0-9_-]', '', 'g'), 24) || '-' || message_key,
		duplicate_key = left(regexp_replace(message_id, '[^A-Za-z0-9_-]', '', 'g'), 24) || '-' || duplicate_key;

	DROP INDEX IF EXISTS reports_message_id, reports_recipient, reports_sender;
	ALTER TABLE reports
		DROP COLUMN recipient_search,
		DROP COLUMN sender_search,
		ADD COLUMN kind text NOT NULL DEFAULT 'delivery';
	CREATE INDEX reports_message ON reports (message_key, id);

	ALTER TABLE unreadable ADD COLUMN remote_address text;
	`,
	`
	UPDATE messages SET mm_status = left(mm_status, 100), operator_id = left(operator_id, 100)
	WHERE length(mm_status) > 100 OR length(operator_id) > 100;
	DROP INDEX messages_state, messages_received;
	CREATE INDEX messages_listed ON messages (received_at, report_id, state, mm_status, operator_id);
	`,
];

/** @throws Error where the server cannot do what the inbox promises */
async function checkServer(client: ClientBase): Promise<void> {
	const { rows } = await client.query<{ encoding: string; fsync: string }>(
		`SELECT current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync`,
	);
	const { encoding, fsync } = rows[0] ?? {};
	if (encoding !== 'UTF8') throw new Error(`it has the encoding ${encoding}; create one with ENCODING 'UTF8'`);
	if (fsync === 'off') throw new Error('fsync is off in its server, so what is acknowledged would not be on the disk');
}

/**
 * Brings the tables up to date. Can run at every start, in several processes at once.
 *
 * @throws Error where the server cannot do what the inbox promises, or a newer inbox has been at work
 */
export async function migrate(client: ClientBase): Promise<void> {
	await checkServer(client);
	await client.query('BEGIN');
	// holds until the transaction ends, whichever way
	await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
	const version = await readVersion(client);
	if (version > MIGRATIONS.length) {
		throw new Error(`its tables have version ${version}, and this inbox knows ${MIGRATIONS.length} at most`);
	}
	for (const sql of MIGRATIONS.slice(version)) await client.query(sql);
	if (version < MIGRATIONS.length) await client.query('UPDATE schema_version SET version = $1', [MIGRATIONS.length]);
	await client.query('COMMIT');
}

async function readVersion(client: ClientBase): Promise<number> {
	const { rows: tables } = await client.query(`SELECT to_regclass('schema_version') AS name`);
	if (tables[0]?.name === null) {
		await client.query('CREATE TABLE schema_version (version integer NOT NULL)');
		await client.query('INSERT INTO schema_version VALUES (0)');
	}
	const { rows } = await client.query<{ version: number }>('SELECT version FROM schema_version');
	return rows[0]?.version ?? 0;
}
