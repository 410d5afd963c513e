/** The encoding that a Content-Transfer-Encoding names, in lower case, without comments (RFC 822), quotes and anything after it. */
export function transferEncodingName(header: string | undefined): string | undefined {
	return /[\w-]+/.exec(header?.replace(/\([^()]*\)/g, '') ?? '')?.[0].toLowerCase();
}

/**
 * Undoes a Content-Transfer-Encoding (RFC 2045 section 6). `7bit`, `8bit`, `binary` and unknown words change nothing:
 * the next step rejects what it cannot read.
 *
 * @param encoding - as {@link transferEncodingName} returns it
 * @param maxBytes - decoded bytes after which the rest is useless; a few more may follow
 */
export function decodeTransferEncoding(bytes: Buffer, encoding: string | undefined, maxBytes: number): Buffer {
	if (encoding === 'base64') return Buffer.from(bytes.toString('latin1'), 'base64');
	return encoding === 'quoted-printable' ? decodeQuotedPrintable(bytes, maxBytes) : bytes;
}

/** RFC 2045 section 6.7; an `=` that starts neither a soft line break nor an octet stays. */
function decodeQuotedPrintable(bytes: Buffer, maxBytes: number): Buffer {
	const [start = '', ...pieces] = bytes.toString('latin1').split('=');
	let text = start;
	for (const piece of pieces) {
		if (text.length > maxBytes) break;
		if (/^[\da-f]{2}/i.test(piece))
			text += String.fromCharCode(Number.parseInt(piece.slice(0, 2), 16)) + piece.slice(2);
		else text += /^\r?\n/.test(piece) ? piece.slice(piece.indexOf('\n') + 1) : `=${piece}`;
	}
	return Buffer.from(text, 'latin1');
}
