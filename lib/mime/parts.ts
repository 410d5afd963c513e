/** The header block of a part; the same bound as Node's for a request. */
const MAX_HEADER_BYTES = 16 * 1024;
/** RFC 2046 allows 70 characters in a boundary; senders exceed it. */
const MAX_BOUNDARY_LENGTH = 1024;

/** The offsets of a part in the body, and its headers by lower-case name (null prototype). */
export interface PartLocation {
	readonly headers: Readonly<Record<string, string>>;
	readonly start: number;
	readonly end: number;
}

/**
 * Finds the parts of a MIME body (RFC 2046 section 5.1) as senders frame them: LF or CRLF, blanks after a delimiter,
 * preamble and epilogue, no closing delimiter, parts without headers or without the empty line before their XML. One
 * pass over the body. One part more than `max` shows the caller that there were too many.
 */
export function locateParts(body: Buffer, boundary: string, max: number): PartLocation[] {
	const parts: PartLocation[] = [];
	if (boundary.length > MAX_BOUNDARY_LENGTH) return parts;
	const text = body.toString('latin1');
	const delimiter = `--${boundary}`;
	let open = nextDelimiter(text, delimiter, afterJunk(text));
	while (open && !open.isClosing && parts.length <= max) {
		const next = nextDelimiter(text, delimiter, open.end);
		const { headers, start } = readPartHeaders(text, open.end, next?.start ?? text.length);
		const end = next ? beforeLineBreak(text, start, next.start) : endOfBody(text, start, delimiter);
		parts.push({ headers, start, end });
		open = next;
	}
	return parts;
}

/** The line after a delimiter: a header, an empty line, or the XML. */
const PART_START = /^(?:[!-9;-~]+[ \t]*:|[ \t]*(?:[\r\n<]|$))/;
const MAX_HEADER_NAME_LENGTH = 128;

/**
 * Finds the boundary that the body itself shows: its first line that begins with `--` and is followed by a part. For
 * senders that declare no boundary, or not the one they use.
 */
export function sniffBoundary(body: Buffer): string | undefined {
	const text = body.toString('latin1');
	for (let line = afterJunk(text); line < text.length; line = lineEnd(text, line) + 1) {
		const end = lineEnd(text, line);
		if (!text.startsWith('--', line) || end - line <= 2 || end - line > MAX_BOUNDARY_LENGTH) continue;
		const isPart = PART_START.test(text.slice(end + 1, end + 1 + MAX_HEADER_NAME_LENGTH));
		if (isPart) return text.slice(line + 2, end).trimEnd();
	}
	return undefined;
}

/** The first possible start of a delimiter: after blanks and the remains of a byte order mark. */
function afterJunk(text: string): number {
	return Math.max(0, text.search(/[!->@-~]/));
}

/** The offsets of the next line that is a delimiter, and of the line after it; `from` is the start of a line. */
function nextDelimiter(text: string, delimiter: string, from: number) {
	// line by line, since a search for a long delimiter can be made to take seconds
	for (let start = from; start < text.length; start = lineEnd(text, start) + 1) {
		if (!text.startsWith(delimiter, start)) continue;
		const end = lineEnd(text, start);
		// anything else after it: the delimiter of another, longer boundary
		const rest = /^(--)?[ \t]*\r?$/.exec(text.slice(start + delimiter.length, end));
		if (rest) return { start, end: Math.min(end + 1, text.length), isClosing: rest[1] !== undefined };
	}
	return undefined;
}

function readPartHeaders(text: string, from: number, limit: number): Omit<PartLocation, 'end'> {
	const headers: Record<string, string> = Object.create(null);
	const bound = Math.min(limit, from + MAX_HEADER_BYTES);
	let last: string | undefined;
	let line = from;
	while (line < bound) {
		// without an empty line before the XML
		if (text[line] === '<') return { headers, start: line };
		const end = lineEnd(text, line);
		const content = text.slice(line, Math.min(end, bound));
		line = Math.min(end + 1, limit);
		if (content.trim() === '') return { headers, start: line };

		const colon = content.indexOf(':');
		if (/^[ \t]/.test(content)) {
			// trimming the whole value each time would copy it each time
			if (last !== undefined) headers[last] = headers[last] ? `${headers[last]} ${content.trim()}` : content.trim();
		} else {
			const name = content.slice(0, Math.max(0, colon)).trim().toLowerCase();
			last = name === '' || name in headers ? undefined : name;
			if (last !== undefined) headers[last] = content.slice(colon + 1).trim();
		}
	}
	return { headers, start: line };
}

/** Offset of the line feed that ends the line, or of the end of the body. */
function lineEnd(text: string, from: number): number {
	const end = text.indexOf('\n', from);
	return end === -1 ? text.length : end;
}

/** Bytes after a damaged closing delimiter. */
const MAX_JUNK_BYTES = 16;

/**
 * The end of a part without a delimiter after it: the closing one may be on the last line of the XML, or damaged. The
 * text that is cut off has no `<`, so it cannot be part of a document.
 */
function endOfBody(text: string, start: number, delimiter: string): number {
	const tail = Math.max(start, text.trimEnd().length - delimiter.length - MAX_JUNK_BYTES);
	const at = text.slice(tail).lastIndexOf(delimiter);
	return at === -1 || text.includes('<', tail + at) ? text.length : beforeLineBreak(text, start, tail + at);
}

/** The line break before a delimiter belongs to the delimiter. */
function beforeLineBreak(text: string, start: number, delimiter: number): number {
	let end = delimiter;
	if (end > start && text[end - 1] === '\n') end--;
	if (end > start && text[end - 1] === '\r') end--;
	return end;
}
