/** Headers of a request or of a part, by lower-case name. */
export type HeaderFields = Readonly<Record<string, string | string[] | undefined>>;

/** A quoted value; the closing quote may be missing. */
const QUOTED = /^"((?:[^"\\]|\\.)*)"?/s;

/**
 * Reads a Content-Type (RFC 2045 section 5.1) as senders write it: unquoted values with any character but `;`, blanks
 * around `=`, a `;` at the end, quotes that are never closed. Never fails; one pass over the text.
 *
 * @returns everything before the first `;`, trimmed and in lower case, and the parameters by lower-case name; the first of
 * each name wins
 */
export function parseHeaderValue(header = '') {
	const parameters = new Map<string, string>();
	const value = upToSemicolon(header);
	let position = value.length + 1;
	for (let equals = header.indexOf('=', position); equals !== -1; equals = header.indexOf('=', position)) {
		// "; ; type=x" and "; , type=x" have the parameter "type"
		const before = header.slice(position, equals);
		const name = before.slice(before.lastIndexOf(';') + 1).replace(/^[\s,]+/, '');
		const key = name.trimEnd().toLowerCase();
		const rest = header.slice(equals + 1).trimStart();
		const quoted = QUOTED.exec(rest);
		const bare = quoted ? '' : upToSemicolon(rest);
		const text = quoted?.[1]?.replace(/\\(.)/gs, '$1') ?? bare.trim();
		if (key !== '' && !parameters.has(key)) parameters.set(key, text);
		// a ";" may be missing after quotes
		position = header.length - rest.length + (quoted?.[0].length ?? bare.length + 1);
	}
	return { value: value.trim().toLowerCase(), parameters };
}

function upToSemicolon(text: string): string {
	const end = text.indexOf(';');
	return end === -1 ? text : text.slice(0, end);
}

/** The first value of a header that Node.js may give as a list. */
export function single(header: string | string[] | undefined): string | undefined {
	return Array.isArray(header) ? header[0] : header;
}
