import { setTimeout as pause } from 'node:timers/promises';
import type { Database, Statement } from './database.js';
import { BEFORE_ADDRESS, MAX_NUMBER_DIGITS, MIN_NUMBER_DIGITS } from './phone-numbers.js';
import { anonymousKey, messageKeyOf, reportKeyRange } from './report-row.js';
import { reversedKey, searchKey, searchKeysOf } from './search-key.js';
import { compressXml, decompressXml } from './xml-codec.js';

/** Replaces an erased number. It can be searched for. */
export const ERASED = 'erased';

/** The number of rows that contain a number. */
export interface Traces {
	/** Messages to or from the number. */
	readonly messages: number;
	/** Reports, read replies and registrations with the number anywhere in them, also of other messages. */
	readonly reports: number;
	/** Refused requests with the number anywhere in them. */
	readonly refused: number;
}

/** Finds and erases a phone number or e-mail address in all tables, which reads all of them. */
export interface Erasure {
	/** @param keys - from `erasableKeys` */
	find(keys: readonly string[]): Promise<Traces>;
	/**
	 * Erases a number. Its messages keep their ids, times and states, so counts and bookkeeping stay right. Their number is
	 * removed, and their keys, which are hashes of the number, become random. Reports with the number anywhere in them lose
	 * their XML and texts from the provider. Refused requests are deleted. A report that arrives later is stored like any
	 * other.
	 *
	 * @param keys - from `erasableKeys`
	 */
	erase(keys: readonly string[]): Promise<Traces>;
}

/** The number of rows to read or messages to change at a time, so that reports wait only briefly. */
const STEP_SIZE = 100;
/** The same for refused requests, which can be large. */
const REQUESTS_PER_STEP = 20;
/** The pause after each step, as a multiple of its duration. */
const PAUSE_RATIO = 1;

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
	/** Reads a table in steps, by ascending id. */
	async function* stepsOf<Row extends { readonly id: string }>(sql: string): AsyncGenerator<readonly Row[]> {
		let last: string | undefined = '0';
		while (last !== undefined) {
			const start = performance.now();
			const rows: Row[] = await database.search<Row>(sql, [last]);
			yield rows;
			last = rows.at(-1)?.id;
			await pause((performance.now() - start) * PAUSE_RATIO);
		}
	}

	/** The rows with a number in their text, in steps. */
	async function* stepsWith<Row extends { readonly id: string }>(
		number: string,
		sql: string,
		textOf: (row: Row) => string,
	): AsyncGenerator<readonly Row[]> {
		for await (const rows of stepsOf<Row>(sql)) {
			const found = rows.filter((row) => isIn(textOf(row), number));
			if (found.length > 0) yield found;
		}
	}

	const reportsWith = (number: string) => stepsWith<ReportRow>(number, REPORTS_SQL, textOfReport);
	const refusedWith = (number: string) => stepsWith<RefusedRow>(number, REFUSED_SQL, textOfRequest);

	async function find(number: string): Promise<Traces> {
		let [messages, reports, refused] = [0, 0, 0];
		const keys = new Set([number]);
		for await (const rows of reportsWith(number)) {
			reports += rows.length;
			for (const key of rows.flatMap((row) => addressKeys(row, number))) keys.add(key);
		}
		for (const key of keys) {
			const [row] = await database.search<{ count: number }>(MESSAGES_SQL, [key]);
			messages += row?.count ?? 0;
		}
		for await (const rows of refusedWith(number)) refused += rows.length;
		return { messages, reports, refused };
	}

	async function erase(number: string): Promise<Traces> {
		const erased = { messages: 0, reports: 0, refused: 0 };
		async function write(statements: readonly Statement[]): Promise<void> {
			for (const { erased: table } of (await database.write(...statements)).flat() as Erased[]) erased[table]++;
		}

		const keys = new Set([number]);
		for await (const rows of reportsWith(number)) {
			await write(rows.flatMap((row) => statementsFor(row, number)));
			for (const key of rows.flatMap((row) => addressKeys(row, number))) keys.add(key);
		}
		for (const key of keys) {
			// those whose reports with the number were deleted
			for (const [column, statements] of [
				['recipient', recipientStatements],
				['sender', senderStatements],
			] as const) {
				let left: { key: string }[];
				do {
					left = await database.search(`SELECT key AS "key" FROM messages WHERE ${column} = $1 LIMIT ${STEP_SIZE}`, [
						key,
					]);
					if (left.length > 0) await write(left.flatMap((message) => statements(message.key, key)));
				} while (left.length > 0);
			}
			// these are zero now, but contain the number
			await database.write({ sql: SWEEP_SQL, values: [key] });
		}
		for await (const rows of stepsWith<EventRow>(number, EVENTS_SQL, ({ attempts }) => withoutEscapes(attempts))) {
			await write(rows.map(({ key }) => eventsStatement(key)));
		}
		for await (const rows of refusedWith(number)) {
			await write(rows.map(({ id }) => ({ sql: DELETE_REFUSED_SQL, values: [id] })));
		}
		return erased;
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

/** What the statements return for each row of these tables. */
interface Erased {
	readonly erased: keyof Traces;
}

const NO_XML = compressXml('');
/** Everything else in a report that can contain a number or be about a person. */
const NO_TEXTS = `status_text = NULL, mm_status_extension = NULL, aux_applic_info = NULL, ua_capabilities = NULL,
	extensions = '{}', xml = $1, xml_dictionary = $2`;
const ERASED_ADDRESS = JSON.stringify({ kind: ERASED, address: ERASED });

/** The statements for a report with a number in it. */
function statementsFor(row: ReportRow, number: string): Statement[] {
	const key = messageKeyOf(row.duplicateKey);
	// all reports of a message have its recipient
	if (isIn(row.recipient, number)) return recipientStatements(key);
	const isSender = isIn(row.sender ?? '', number);
	return [
		{
			sql: `UPDATE reports SET ${isSender ? 'sender = NULL, ' : ''} ${NO_TEXTS} WHERE id = CAST($3 AS bigint)
				RETURNING 'reports' AS erased`,
			values: [NO_XML.bytes, NO_XML.dictionary, row.id],
		},
		...addressKeys(row, number).flatMap((sender) => senderStatements(key, sender)),
	];
}

function recipientStatements(key: string): Statement[] {
	const newKey = anonymousKey(key);
	return [
		{
			sql: `UPDATE messages SET key = $1, recipient = $2, recipient_reversed = $3 WHERE key = $4
				RETURNING 'messages' AS erased`,
			values: [newKey, ERASED, reversedKey(ERASED), key],
		},
		{
			sql: `UPDATE reports SET recipient = '${ERASED_ADDRESS}', ${NO_TEXTS},
				duplicate_key = $3 || '.' || CAST(id AS text) WHERE duplicate_key >= $4 AND duplicate_key < $5
				RETURNING 'reports' AS erased`,
			values: [NO_XML.bytes, NO_XML.dictionary, newKey, ...reportKeyRange(key)],
		},
		eventsStatement(key, newKey),
	];
}

function senderStatements(key: string, sender: string): Statement[] {
	return [
		{
			sql: `UPDATE messages SET sender = NULL, registered_sender = NULL WHERE key = $1 AND sender = $2
				RETURNING 'messages' AS erased`,
			values: [key, sender],
		},
		eventsStatement(key),
	];
}

/** The application's responses, which are kept with the attempts, can contain the number. */
function eventsStatement(key: string, newKey = key): Statement {
	return { sql: `UPDATE events SET message_key = $1, attempts = '[]' WHERE message_key = $2`, values: [newKey, key] };
}

const MESSAGES_SQL = `SELECT CAST(count(*) AS integer) AS count FROM (
	SELECT key FROM messages WHERE recipient = $1 UNION SELECT key FROM messages WHERE sender = $1
) AS found`;
const REPORTS_SQL = `
	SELECT CAST(id AS text) AS "id", duplicate_key AS "duplicateKey", CAST(recipient AS text) AS "recipient",
		CAST(sender AS text) AS "sender", status_text AS "statusText", mm_status_extension AS "mmStatusExtension",
		aux_applic_info AS "auxApplicInfo", CAST(ua_capabilities AS text) AS "uaCapabilities",
		CAST(extensions AS text) AS "extensions", xml AS "bytes", xml_dictionary AS "dictionary"
	FROM reports WHERE id > CAST($1 AS bigint) ORDER BY reports.id LIMIT ${STEP_SIZE}`;
const SWEEP_SQL = 'DELETE FROM sender_counters WHERE sender = $1 AND changed = 0 AND started = 0';
const EVENTS_SQL = `
	SELECT CAST(id AS text) AS "id", message_key AS "key", attempts AS "attempts"
	FROM events WHERE id > CAST($1 AS bigint) ORDER BY events.id LIMIT ${STEP_SIZE}`;
const REFUSED_SQL = `
	SELECT CAST(id AS text) AS "id", message AS "message", path AS "path", headers AS "headers", body AS "body"
	FROM refused_requests WHERE id > CAST($1 AS bigint) ORDER BY refused_requests.id LIMIT ${REQUESTS_PER_STEP}`;
const DELETE_REFUSED_SQL = `DELETE FROM refused_requests WHERE id = CAST($1 AS bigint) RETURNING 'refused' AS erased`;

interface ReportRow {
	readonly id: string;
	readonly duplicateKey: string;
	/** Addresses and extensions are JSON. */
	readonly recipient: string;
	readonly sender: string | null;
	readonly statusText: string | null;
	readonly mmStatusExtension: string | null;
	readonly auxApplicInfo: string | null;
	readonly uaCapabilities: string | null;
	readonly extensions: string;
	/** The drivers return different types for bytes. */
	readonly bytes: Uint8Array | ArrayBuffer;
	readonly dictionary: number;
}

interface EventRow {
	readonly id: string;
	readonly key: string;
	readonly attempts: string;
}

interface RefusedRow {
	readonly id: string;
	readonly message: string;
	readonly path: string | null;
	readonly headers: string;
	readonly body: Uint8Array | ArrayBuffer;
}

function textOfReport({ recipient, sender, extensions, bytes, dictionary, ...row }: ReportRow): string {
	const { statusText, mmStatusExtension, auxApplicInfo, uaCapabilities } = row;
	const texts = [statusText, mmStatusExtension, auxApplicInfo, uaCapabilities, decompressXml(bytes, dictionary)];
	return [recipient, sender, withoutEscapes(extensions), ...texts].join('\n');
}

/** The keys of a report's addresses that contain a number, in addition to the number itself. */
function addressKeys({ recipient, sender }: ReportRow, number: string): string[] {
	const addresses = [recipient, sender ?? ''].filter((address) => isIn(address, number));
	return addresses.map((address) => searchKey(JSON.parse(address)));
}

/** The text of a request. Without NUL, the digits of UTF-16 are next to each other. */
function textOfRequest({ message, path, headers, body }: RefusedRow): string {
	const text = Buffer.from(new Uint8Array(body)).toString('latin1').replaceAll('\0', '');
	return [message, path, headers, text].join('\n');
}

/** JSON without escapes, which would look like parts of a number or address. */
function withoutEscapes(json: string): string {
	return json.replace(/\\(?:u[\da-f]{4}|.)/gi, ' ');
}

/** Checks whether a text contains a phone number, in any notation, or an e-mail address. */
function isIn(text: string, key: string): boolean {
	return /^\d+$/.test(key) ? hasNumber(text, key) : hasAddress(text.toLowerCase(), key);
}

/** Whether a text has an address that no longer one contains. */
function hasAddress(text: string, address: string): boolean {
	for (let start = text.indexOf(address); start !== -1; start = text.indexOf(address, start + 1)) {
		const [before, after] = [text.charAt(start - 1), text.slice(start + address.length, start + address.length + 2)];
		if ((before === '' || BEFORE_ADDRESS.test(before)) && !/^\.?[\w-]/.test(after)) return true;
	}
	return false;
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
