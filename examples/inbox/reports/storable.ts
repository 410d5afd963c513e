/** What stands for a character that PostgreSQL cannot hold. */
const REPLACEMENT = '\uFFFD';

/**
 * The text without NUL and halves of surrogate pairs. A provider may send both as character references, and a report
 * that can never be written would be sent again and again.
 */
export function storableText(text: string): string {
	return Buffer.from(text.replaceAll('\0', REPLACEMENT)).toString();
}

/** The same for JSON, where these characters hide behind escapes. */
export function storableJson(value: object): string {
	const escapes = /\\(?:u0000|ud[0-9a-f]{3}|.)/g;
	return JSON.stringify(value).replace(escapes, (found) => (found.length === 6 ? REPLACEMENT : found));
}
