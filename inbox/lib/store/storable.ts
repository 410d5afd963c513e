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
	const json = JSON.stringify(value);
	// the search for all escapes is slow, and most texts have none that matters
	if (!/\\u(?:0000|d[89a-f])/.test(json)) return json;
	const escapes = /\\(?:u0000|ud[0-9a-f]{3}|.)/g;
	return json.replace(escapes, (found) => (found.length === 6 ? REPLACEMENT : found));
}
