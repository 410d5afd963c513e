const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = '0\r\n\r\n';

/**
 * Reads the answers of one keep-alive connection. Just enough of HTTP for the servers here, so that the generator
 * costs less than the server: no pipelining, chunks are looked for only by their end.
 */
export class ResponseReader {
	#text = '';

	/**
	 * Takes bytes in.
	 *
	 * @param {Buffer} chunk
	 * @returns {{ status: string, body: string } | undefined} the answer, when it is complete
	 */
	read(chunk) {
		this.#text += chunk.toString('latin1');
		const text = this.#text;
		const headEnd = text.indexOf(HEAD_END);
		if (headEnd === -1) return undefined;
		const bodyStart = headEnd + HEAD_END.length;
		const length = contentLength(text, headEnd);
		const complete = length === undefined ? text.endsWith(LAST_CHUNK) : text.length >= bodyStart + length;
		if (!complete) return undefined;
		this.#text = '';
		return { status: text.slice(9, 12), body: text.slice(bodyStart) };
	}
}

/**
 * @param {string} text
 * @param {number} headEnd
 */
function contentLength(text, headEnd) {
	const header = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, headEnd));
	return header ? Number(header[1]) : undefined;
}
