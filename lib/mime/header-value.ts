/** A structured header value: `multipart/related; type="text/xml"; boundary=x`. */
export interface HeaderValue {
	/** What stands before the first `;`, trimmed and in lower case. */
	readonly value: string;
	/** Parameters by lower-case name; of several with one name the first counts. Null prototype. */
	readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Reads a Content-Type (RFC 2045 section 5.1) as senders write it: unquoted values with any character but `;`,
 * blanks around `=`, a `;` at the end, quotes that are never closed. Never fails; one pass over the text.
 */
export function parseHeaderValue(header: string | undefined): HeaderValue {
	const parameters: Record<string, string> = Object.create(null);
	if (header === undefined) return { value: '', parameters };

	let end = header.indexOf(';');
	if (end === -1) end = header.length;
	const value = header.slice(0, end).trim().toLowerCase();

	let position = end + 1;
	while (position < header.length) {
		const equals = header.indexOf('=', position);
		if (equals === -1) break;
		// "; ; type=x": what stands before the last ';' is no part of the name, nor is a comma in place of a ';'
		const before = header.slice(position, equals);
		const name = before
			.slice(before.lastIndexOf(';') + 1)
			.replace(/^[\s,]+/, '')
			.trimEnd()
			.toLowerCase();
		const [text, next] = readParameterValue(header, equals + 1);
		if (name !== '' && !(name in parameters)) parameters[name] = text;
		position = next;
	}
	return { value, parameters };
}

/** The value that begins at `from`, and where the next parameter begins. */
function readParameterValue(header: string, from: number): [string, number] {
	let position = from;
	while (position < header.length && isBlank(header[position])) position++;

	if (header[position] !== '"') {
		const semicolon = header.indexOf(';', position);
		const end = semicolon === -1 ? header.length : semicolon;
		return [header.slice(position, end).trim(), end + 1];
	}

	let text = '';
	for (position++; position < header.length && header[position] !== '"'; position++) {
		if (header[position] === '\\' && position + 1 < header.length) position++;
		text += header[position];
	}
	return [text, position + 1]; // a ';' should follow, but another parameter may
}

function isBlank(character: string | undefined): boolean {
	return character === ' ' || character === '\t' || character === '\r' || character === '\n';
}
