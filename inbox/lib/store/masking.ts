import type { Database } from './database.js';
import { MIN_NUMBER_DIGITS, replaceLocalParts, replaceNumbers } from './phone-numbers.js';
import { compressXml, decompressXml } from './xml-codec.js';

const SHOWN_DIGITS = 4;

/** Columns of results that are an address, by their names in the queries. */
const ADDRESSES = [
	'recipient',
	'sender',
	'senderKey',
	'recipientAddress',
	'recipientNumber',
	'senderAddress',
	'senderNumber',
];
/** Columns of results with text from a provider. */
const TEXTS = ['statusText', 'mmStatusExtension', 'auxApplicInfo', 'message', 'path'];
/** Columns of results with JSON, whose escapes would look like digits. */
const JSON_TEXTS = ['extensions', 'headers', 'attempts'];

/**
 * Wraps a database so that everything read from it shows phone numbers as `…6342` and e-mail addresses as
 * `…@example.net`. Everything that leaves the store to
 * people and applications is read through it if MASK_NUMBERS is set. Queries can search for numbers as before, but parts
 * of numbers find nothing, except for the digits that are shown.
 */
export function maskNumbers(database: Database): Database {
	return {
		...database,
		masksNumbers: true,
		query: async <Row extends object>(...statement: Parameters<Database['query']>) =>
			(await database.query<Row>(...statement)).map(maskRow),
		search: async <Row extends object>(...statement: Parameters<Database['search']>) =>
			(await database.search<Row>(...statement)).map(maskRow),
	};
}

/** Masks a phone number in any notation, or the part of an e-mail address before the @. Short codes are unchanged. */
export function maskAddress(address: string): string {
	const [, domain] = address.split('@');
	if (domain !== undefined) return `…@${domain}`;
	const digits = address.replace(/\D/g, '');
	return digits.length < MIN_NUMBER_DIGITS ? address : `…${digits.slice(-SHOWN_DIGITS)}`;
}

/** Checks whether an address is masked, so that parts of it must not find it. */
export function isMasked(address: string): boolean {
	return maskAddress(address) !== address;
}

/**
 * Restricts a search for a part of a number: the digits that are shown find it, and any other text has to be complete.
 *
 * @param part - with a `*` at the end that is left out
 */
export function shownPart(part: string): string {
	const text = part.replace(/^\*?…?|\*$/g, '');
	return /^[*…]/.test(part) && text.length <= SHOWN_DIGITS ? `*${text}` : text;
}

/** Masks the phone numbers and e-mail addresses in a text. */
export function maskText(text: string): string {
	const numbersOnly = replaceLocalParts(text, () => '…');
	return replaceNumbers(numbersOnly, (_, digits) => `…${digits.slice(-SHOWN_DIGITS)}`);
}

/** Masks the texts in a JSON document, or all of a document that is cut off. */
function maskJson(json: string): string {
	try {
		return JSON.stringify(JSON.parse(json, (_, value) => (typeof value === 'string' ? maskText(value) : value)));
	} catch {
		return maskText(json);
	}
}

function maskRow<Row extends object>(row: Row): Row {
	const entries = Object.entries(row).map(([name, value]): [string, unknown] => {
		if (name === 'body') return [name, maskBytes(new Uint8Array(value))];
		if (typeof value !== 'string') return [name, value];
		if (ADDRESSES.includes(name)) return [name, maskAddress(value)];
		if (JSON_TEXTS.includes(name)) return [name, maskJson(value)];
		return [name, TEXTS.includes(name) ? maskText(value) : value];
	});
	const { bytes, dictionary } = row as { bytes?: Uint8Array; dictionary?: number };
	const isXml = bytes !== undefined && dictionary !== undefined;
	return {
		...(Object.fromEntries(entries) as Row),
		...(isXml && compressXml(maskText(decompressXml(bytes, dictionary)))),
	};
}

/** Stands for NUL, which is between the digits of UTF-16. */
const NUL = '\u2400';
const IS_BASE64 = /^content-transfer-encoding:\s*base64/im;
const BASE64_LINE = /^[A-Za-z0-9+/=]{8,}(?=\r?$)/gm;

/** Masks the phone numbers and e-mail addresses in a request in any encoding; it keeps its length. */
function maskBytes(bytes: Uint8Array): Uint8Array {
	const hidden = (part: string) => part.replaceAll(/[^\u2400]/g, 'x');
	const text = Buffer.from(bytes).toString('latin1').replaceAll('\0', NUL);
	const readable = IS_BASE64.test(text) ? text.replace(BASE64_LINE, hidden) : text;
	const masked = replaceNumbers(replaceLocalParts(readable, hidden), (found, digits) => {
		let left = digits.length - SHOWN_DIGITS;
		return found.replace(/\d/g, (digit) => (left-- > 0 ? 'x' : digit));
	});
	return new Uint8Array(Buffer.from(masked.replaceAll(NUL, '\0'), 'latin1'));
}
