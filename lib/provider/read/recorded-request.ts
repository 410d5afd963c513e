/** A recorded request. */
export interface RecordedRequest {
	/** Request line and header lines, without line breaks. */
	readonly head: readonly string[];
	readonly body: Buffer;
}

const REQUEST_LINE = /^[A-Z]{3,20} [^\s]{1,2048} HTTP\/1\.[01]\r?\n/;
/** An HTTP chunk starts with its size. */
const CHUNK_SIZE = /^[0-9a-f]{1,8}(?:;[^\r\n]{0,1024})?\r\n/i;

/**
 * Reads a recorded request, with or without its head.
 *
 * The framing may have become wrong, since recordings get inflated, decoded or edited. So the body is everything after
 * the empty line, with that length, unless it is still in HTTP chunks.
 *
 * @param headers - replace those of the recording
 */
export function readRecording(file: Buffer, headers: Readonly<Record<string, string>>): RecordedRequest {
	const text = file.toString('latin1');
	const isWhole = REQUEST_LINE.test(text);
	const end = isWhole ? /\r?\n\r?\n/.exec(text) : undefined;
	const [line = '', ...recorded] = end ? text.slice(0, end.index).split(/\r?\n/) : ['POST / HTTP/1.1'];
	const body = end ? file.subarray(end.index + end[0].length) : file;

	const isChunked = recorded.some((header) => /^transfer-encoding:.*chunked/i.test(header));
	const keepsChunks = isChunked && CHUNK_SIZE.test(body.toString('latin1', 0, 2048));
	const replaced = [...Object.keys(headers), 'content-length', 'host', 'connection', 'expect'];
	if (!keepsChunks) replaced.push('transfer-encoding');
	const kept = recorded.filter((header) => !replaced.some((name) => isHeader(header, name)));
	return {
		head: [
			line,
			'Host: localhost',
			'Connection: close',
			...kept,
			...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
			...(keepsChunks ? [] : [`Content-Length: ${body.length}`]),
		],
		body,
	};
}

function isHeader(line: string, name: string): boolean {
	return line.toLowerCase().startsWith(`${name.toLowerCase()}:`);
}
