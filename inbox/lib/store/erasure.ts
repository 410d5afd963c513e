import type { Database, Statement } from './database.js';
import { MAX_NUMBER_DIGITS, MIN_NUMBER_DIGITS } from './phone-numbers.js';
import { anonymousKey, reportKeyRange } from './report-row.js';
import { reversedKey, searchKeysOf } from './search-key.js';
import { compressXml } from './xml-codec.js';

/** Replaces an erased number. It can be searched for. */
export const ERASED = 'erased';

/** The number of rows that contain a number. */
export interface Traces {
	/** Messages to or from the number. */
	readonly messages: number;
	/** Their reports, read replies and registrations. */
	readonly reports: number;
	/** Refused requests with the number anywhere in them. */
	readonly refused: number;
}

/** Finds and erases a phone number or e-mail address in all tables. */
export interface Erasure {
	/** @param keys - from `erasableKeys` */
	find(keys: readonly string[]): Promise<Traces>;
	/**
	 * Erases a number. Its messages keep their ids, times and states, so counts and bookkeeping stay right. Their number,
	 * XML and texts from the provider are removed, and their keys, which are hashes of the number, become random. Refused
	 * requests are deleted. A report that arrives later is stored like any other.
	 *
	 * @param keys - from `erasableKeys`
	 */
	erase(keys: readonly string[]): Promise<Traces>;
}

/** The number of messages and refused requests to handle at a time, so that reports wait only briefly. */
const MESSAGES_PER_STEP = 100;
const REQUESTS_PER_STEP = 20;

/**
 * Returns the keys of a phone number or e-mail address that can be erased, in any notation.
 *
 * @returns none if the text is neither
 */
export function erasableKeys(text: string): string[] {
	return searchKeysOf(text).filter((key) => {
		if (!/^\d+$/.test(key)) return /^[^\s@]+@[^\s@]+$/.test(key);
		return key.length >= MIN_NUMBER_DIGITS && key.length <= MAX_NUMBER_DIGITS;
	});
}

/** Creates the queries. */
export function erasureIn(database: Database): Erasure {
	async function count(sql: string, number: string): Promise<number> {
		const [row] = await database.search<{ count: number }>(sql, [number]);
		return row?.count ?? 0;
	}

	/** Erases some of the messages; returns no counts once there are none. */
	async function eraseMessages(column: 'recipient' | 'sender', number: string): Promise<Omit<Traces, 'refused'>> {
		const found = await database.search<{ key: string }>(
			`SELECT key AS "key" FROM messages WHERE ${column} = $1 LIMIT ${MESSAGES_PER_STEP}`,
			[number],
		);
		if (found.length === 0) return { messages: 0, reports: 0 };
		const erase = column === 'recipient' ? recipientStatements : senderStatements;
		const results = await database.write(...found.flatMap(({ key }) => erase(key)));
		// each message has three results: its row, its reports and its events
		const rows = (place: number) =>
			results.reduce((sum, rows, index) => sum + (index % 3 === place ? rows.length : 0), 0);
		return { messages: rows(0), reports: rows(1) };
	}

	/** The ids of the refused requests with a number in them. */
	async function* refusedWith(number: string): AsyncGenerator<string> {
		const isPhone = /^\d+$/.test(number);
		let last = '0';
		while (true) {
			const rows = await database.search<RefusedRow>(REFUSED_SQL, [last]);
			for (const row of rows) {
				const text = textOf(row);
				if (isPhone ? hasNumber(text, number) : text.toLowerCase().includes(number)) yield row.id;
			}
			if (rows.length < REQUESTS_PER_STEP) return;
			last = rows.at(-1)?.id ?? last;
		}
	}

	async function find(number: string): Promise<Traces> {
		let refused = 0;
		for await (const _ of refusedWith(number)) refused++;
		const [messages, reports] = [await count(MESSAGES_SQL, number), await count(REPORTS_SQL, number)];
		return { messages, reports, refused };
	}

	async function erase(number: string): Promise<Traces> {
		let [messages, reports, refused] = [0, 0, 0];
		for (const column of ['recipient', 'sender'] as const) {
			for (let step = await eraseMessages(column, number); step.messages > 0; ) {
				messages += step.messages;
				reports += step.reports;
				step = await eraseMessages(column, number);
			}
		}
		// these are zero now, but contain the number
		await database.write({ sql: SWEEP_SQL, values: [number] });
		for await (const id of refusedWith(number)) {
			await database.write({ sql: 'DELETE FROM refused_requests WHERE id = CAST($1 AS bigint)', values: [id] });
			refused++;
		}
		return { messages, reports, refused };
	}

	return { find: (keys) => sumOf(keys, find), erase: (keys) => sumOf(keys, erase) };
}

/** Handles one key after the other. */
async function sumOf(keys: readonly string[], handle: (key: string) => Promise<Traces>): Promise<Traces> {
	let sum = { messages: 0, reports: 0, refused: 0 };
	for (const key of keys) {
		const { messages, reports, refused } = await handle(key);
		sum = { messages: sum.messages + messages, reports: sum.reports + reports, refused: sum.refused + refused };
	}
	return sum;
}

const NO_XML = compressXml('');
/** Everything else in a report that can contain a number or be about a person. */
const NO_TEXTS = `status_text = NULL, aux_applic_info = NULL, ua_capabilities = NULL, extensions = '{}', xml = $1,
	xml_dictionary = $2`;
const ERASED_ADDRESS = JSON.stringify({ kind: ERASED, address: ERASED });

function recipientStatements(key: string): Statement[] {
	const newKey = anonymousKey(key);
	return [
		{
			sql: 'UPDATE messages SET key = $1, recipient = $2, recipient_reversed = $3 WHERE key = $4 RETURNING 1 AS erased',
			values: [newKey, ERASED, reversedKey(ERASED), key],
		},
		{
			sql: `UPDATE reports SET recipient = '${ERASED_ADDRESS}', ${NO_TEXTS},
				duplicate_key = $3 || '.' || CAST(id AS text) WHERE duplicate_key >= $4 AND duplicate_key < $5
				RETURNING 1 AS erased`,
			values: [NO_XML.bytes, NO_XML.dictionary, newKey, ...reportKeyRange(key)],
		},
		eventsStatement(key, newKey),
	];
}

function senderStatements(key: string): Statement[] {
	return [
		{
			sql: 'UPDATE messages SET sender = NULL, registered_sender = NULL WHERE key = $1 RETURNING 1 AS erased',
			values: [key],
		},
		{
			sql: `UPDATE reports SET sender = NULL, ${NO_TEXTS} WHERE duplicate_key >= $3 AND duplicate_key < $4
				RETURNING 1 AS erased`,
			values: [NO_XML.bytes, NO_XML.dictionary, ...reportKeyRange(key)],
		},
		eventsStatement(key),
	];
}

/** The application's responses, which are kept with the attempts, can contain the number. */
function eventsStatement(key: string, newKey = key): Statement {
	return { sql: `UPDATE events SET message_key = $1, attempts = '[]' WHERE message_key = $2`, values: [newKey, key] };
}

const MATCHES = 'recipient = $1 UNION SELECT key FROM messages WHERE sender = $1';
const MESSAGES_SQL = `SELECT CAST(count(*) AS integer) AS count FROM (SELECT key FROM messages WHERE ${MATCHES}) AS found`;
const REPORTS_SQL = `
	SELECT CAST(count(*) AS integer) AS count FROM (SELECT key FROM messages WHERE ${MATCHES}) AS found
	JOIN reports ON reports.duplicate_key >= found.key || '.' AND reports.duplicate_key < found.key || '/'`;
const SWEEP_SQL = 'DELETE FROM sender_counters WHERE sender = $1 AND changed = 0 AND started = 0';
const REFUSED_SQL = `
	SELECT CAST(id AS text) AS "id", message AS "message", path AS "path", headers AS "headers", body AS "body"
	FROM refused_requests WHERE id > CAST($1 AS bigint) ORDER BY id LIMIT ${REQUESTS_PER_STEP}`;

interface RefusedRow {
	readonly id: string;
	readonly message: string;
	readonly path: string | null;
	readonly headers: string;
	/** The drivers return different types for bytes. */
	readonly body: Uint8Array | ArrayBuffer;
}

/** The text of a request. Without NUL, the digits of UTF-16 are next to each other. */
function textOf({ message, path, headers, body }: RefusedRow): string {
	const text = Buffer.from(new Uint8Array(body)).toString('latin1').replaceAll('\0', '');
	return [message, path, headers, text].join('\n');
}

const MAX_SEPARATORS = 3;

/** Checks whether a text has a number, with anything that can be between its digits, and no digit before or after it. */
function hasNumber(text: string, number: string): boolean {
	for (let start = text.indexOf(number.charAt(0)); start !== -1; start = text.indexOf(number.charAt(0), start + 1)) {
		if (isStart(text, start) && isAt(text, start, number)) return true;
	}
	return false;
}

function isStart(text: string, place: number): boolean {
	const isInternational = text.slice(place - 2, place) === '00' && !isDigit(text.charAt(place - 3));
	return isInternational || !isDigit(text.charAt(place - 1));
}

function isAt(text: string, start: number, number: string): boolean {
	let place = start;
	for (const digit of number) {
		let separators = 0;
		while (place > start && separators < MAX_SEPARATORS && ' ().-'.includes(text.charAt(place) || '|')) {
			separators++;
			place++;
		}
		if (text.charAt(place) !== digit) return false;
		place++;
	}
	return !isDigit(text.charAt(place));
}

function isDigit(character: string): boolean {
	return character >= '0' && character <= '9';
}
