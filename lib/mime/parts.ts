const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const DASH = 0x2d;
const LESS_THAN = 0x3c;
const QUESTION_MARK = 0x3f;
const DELETE = 0x7f;

/** Longest header block of a part; the same bound as Node's for a request. */
const MAX_HEADER_BYTES = 16 * 1024;
/** RFC 2046 allows 70 characters in a boundary; senders exceed it. */
const MAX_BOUNDARY = 1024;

/** Where a part lies in the body, and its headers by lower-case name (null prototype). */
export interface PartLocation {
	readonly headers: Readonly<Record<string, string>>;
	readonly start: number;
	readonly end: number;
}

/**
 * Finds the parts of a MIME body (RFC 2046 section 5.1) as senders frame them: LF or CRLF, blanks behind a
 * delimiter, preamble and epilogue, no closing delimiter, parts without headers or without the empty line
 * before their XML. One pass over the body.
 *
 * @returns at most `max` parts and one more, by which the caller knows that there were too many
 */
export function locateParts(body: Buffer, boundary: string, max: number): PartLocation[] {
	const parts: PartLocation[] = [];
	if (boundary.length > MAX_BOUNDARY) return parts;
	const delimiter = Buffer.from(`--${boundary}`, 'latin1');
	let open = nextDelimiter(body, delimiter, afterJunk(body));
	while (open !== undefined && !open.closing && parts.length <= max) {
		const next = nextDelimiter(body, delimiter, open.end);
		const { headers, start } = readPartHeaders(body, open.end, next?.start ?? body.length);
		parts.push({
			headers,
			start,
			end: next ? beforeLineBreak(body, start, next.start) : endOfBody(body, start, delimiter),
		});
		open = next;
	}
	return parts;
}

/** What stands behind a delimiter: a header, an empty line, or the XML. */
const BEGINS_PART = /^(?:[!-9;-~]+[ \t]*:|[ \t]*(?:[\r\n<]|$))/;
const LONGEST_NAME = 128;

/**
 * The boundary that the body itself shows: its first line that begins with `--` and has a part behind it. For senders
 * that declare none, or another one than they use.
 */
export function sniffBoundary(body: Buffer): string | undefined {
	let line = afterJunk(body);
	while (line < body.length) {
		const end = lineEnd(body, line);
		if (body[line] === DASH && body[line + 1] === DASH && end - line > 2 && end - line <= MAX_BOUNDARY) {
			const behind = body.toString('latin1', end + 1, end + 1 + LONGEST_NAME);
			if (BEGINS_PART.test(behind)) return body.toString('latin1', line + 2, end).trimEnd();
		}
		line = end + 1;
	}
	return undefined;
}

/** Where the first delimiter may begin: after blanks and what is left of a byte order mark. */
function afterJunk(body: Buffer): number {
	return Math.max(
		0,
		body.findIndex((byte) => byte > SPACE && byte < DELETE && byte !== QUESTION_MARK),
	);
}

interface Delimiter {
	/** First byte of the delimiter line. */
	readonly start: number;
	/** First byte behind the delimiter line. */
	readonly end: number;
	/** Whether it ends the body (`--boundary--`). */
	readonly closing: boolean;
}

/** The next delimiter that begins a line; `from` is where a line begins. */
function nextDelimiter(body: Buffer, delimiter: Buffer, from: number): Delimiter | undefined {
	for (let start = from; start < body.length; start = lineEnd(body, start) + 1) {
		if (!beginsWith(body, start, delimiter)) continue;
		let end = start + delimiter.length;
		const closing = body[end] === DASH && body[end + 1] === DASH;
		if (closing) end += 2;
		while (body[end] === SPACE || body[end] === TAB) end++;
		if (body[end] === CARRIAGE_RETURN) end++;
		if (end >= body.length) return { start, end: body.length, closing };
		// anything else behind it: the delimiter of another, longer boundary
		if (body[end] === LINE_FEED) return { start, end: end + 1, closing };
	}
	return undefined;
}

/** Most lines differ in their first byte; a search for long delimiters can be made to take seconds. */
function beginsWith(body: Buffer, at: number, text: Buffer): boolean {
	for (let i = 0; i < text.length; i++) if (body[at + i] !== text[i]) return false;
	return true;
}

function readPartHeaders(
	body: Buffer,
	from: number,
	limit: number,
): { headers: Record<string, string>; start: number } {
	const headers: Record<string, string> = Object.create(null);
	const bound = Math.min(limit, from + MAX_HEADER_BYTES);
	let last: string | undefined;
	let line = from;
	while (line < bound) {
		// no empty line before the XML: the part has begun
		if (body[line] === LESS_THAN) return { headers, start: line };
		const end = lineEnd(body, line);
		const text = body.toString('latin1', line, Math.min(end, bound));
		line = Math.min(end + 1, limit);
		if (text.trim() === '') return { headers, start: line };

		const colon = text.indexOf(':');
		if (text.startsWith(' ') || text.startsWith('\t')) {
			// trimming the whole each time would copy it each time
			if (last !== undefined) headers[last] = headers[last] ? `${headers[last]} ${text.trim()}` : text.trim();
		} else if (colon > 0) {
			const name = text.slice(0, colon).trim().toLowerCase();
			last = name in headers ? undefined : name;
			if (last !== undefined) headers[last] = text.slice(colon + 1).trim();
		} else {
			last = undefined; // a bare name says nothing
		}
	}
	return { headers, start: line };
}

/** Index of the line feed that ends the line, or of the end of the body. */
function lineEnd(body: Buffer, from: number): number {
	let end = from;
	while (end < body.length && body[end] !== LINE_FEED) end++;
	return end;
}

/** Most bytes after a damaged closing delimiter. */
const MAX_JUNK_BYTES = 16;

/**
 * The end of a part that no delimiter follows: the closing one may be on the line of the XML, or damaged. No `<` is in
 * what is cut off, so it cannot be part of a document.
 */
function endOfBody(body: Buffer, start: number, delimiter: Buffer): number {
	let end = body.length;
	while (end > start && (body[end - 1] as number) <= SPACE) end--;
	const first = Math.max(start, end - delimiter.length - MAX_JUNK_BYTES);
	for (let at = end - delimiter.length; at >= first; at--) {
		if (beginsWith(body, at, delimiter))
			return body.includes(LESS_THAN, at) ? body.length : beforeLineBreak(body, start, at);
	}
	return body.length;
}

/** The line break before a delimiter belongs to the delimiter. */
function beforeLineBreak(body: Buffer, start: number, delimiter: number): number {
	let end = delimiter;
	if (end > start && body[end - 1] === LINE_FEED) end--;
	if (end > start && body[end - 1] === CARRIAGE_RETURN) end--;
	return end;
}
