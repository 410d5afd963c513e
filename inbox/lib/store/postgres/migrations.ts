import type { ClientBase } from 'pg';

/** Any number, but the same in every process that makes these tables. */
const SCHEMA_LOCK = 20_26_07_07;

/**
 * What brings a database from one version of its tables to the next. Released ones never change; new ones are added at
 * the end.
 *
 * Indexes hold at most the first 200 characters of an id, for an index row has to stay below 2.7 kB and a provider may
 * send anything. What is sought by its beginning has the collation "C", for only its order is that of the characters.
 */
const MIGRATIONS: readonly string[] = [
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
