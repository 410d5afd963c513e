/** Replaces characters that PostgreSQL cannot store. */
const REPLACEMENT = '\uFFFD';

/**
 * Replaces NUL and lone surrogates. A provider may send both as character references, and would retry a report that can
 * never be stored again and again.
 */
export function storableText(text: string): string {
	return Buffer.from(text.replaceAll('\0', REPLACEMENT)).toString();
}

/** The same for JSON, where these characters are escaped. */
export function storableJson(value: object): string {
	const json = JSON.stringify(value);
	// searching for all escapes is slow, and most texts have none of these
	if (!/\\u(?:0000|d[89a-f])/.test(json)) return json;
	const escapes = /\\(?:u0000|ud[0-9a-f]{3}|.)/g;
	return json.replace(escapes, (found) => (found.length === 6 ? REPLACEMENT : found));
}
