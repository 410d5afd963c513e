const EQUALS = 0x3d;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The encoding that a Content-Transfer-Encoding names, in lower case, without comments (RFC 822), quotes and anything after it. */
export function transferEncodingName(header: string | undefined): string | undefined {
	return /[\w-]+/.exec(header?.replace(/\([^()]*\)/g, '') ?? '')?.[0].toLowerCase();
}

/**
 * Undoes a Content-Transfer-Encoding (RFC 2045 section 6). `7bit`, `8bit`, `binary` and unknown words change
 * nothing: the next step rejects what it cannot read.
 *
 * @param maxBytes - decoded bytes after which the rest is useless; a few more may follow
 */
export function decodeTransferEncoding(bytes: Buffer, encoding: string | undefined, maxBytes: number): Buffer {
	if (encoding === 'base64') return Buffer.from(bytes.toString('latin1'), 'base64');
	return encoding === 'quoted-printable' ? decodeQuotedPrintable(bytes, maxBytes) : bytes;
}

/** RFC 2045 section 6.7; an `=` that starts neither a soft line break nor an octet stays. Bytes, since text is slower. */
function decodeQuotedPrintable(bytes: Buffer, maxBytes: number): Buffer {
	const out = Buffer.allocUnsafe(bytes.length);
	let length = 0;
	for (let position = 0; position < bytes.length && length <= maxBytes; position++) {
		const byte = bytes[position] as number;
		const octet = byte === EQUALS ? octetAt(bytes, position + 1) : undefined;
		if (byte === EQUALS && isLineBreak(bytes, position + 1)) {
			position += bytes[position + 1] === LINE_FEED ? 1 : 2;
		} else {
			out[length++] = octet ?? byte;
			if (octet !== undefined) position += 2;
		}
	}
	return out.subarray(0, length);
}

function isLineBreak(bytes: Buffer, at: number): boolean {
	return bytes[at] === LINE_FEED || (bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED);
}

/** The octet of two hexadecimal digits. */
function octetAt(bytes: Buffer, at: number): number | undefined {
	const high = HEX_DIGITS[bytes[at] ?? 0] as number;
	const low = HEX_DIGITS[bytes[at + 1] ?? 0] as number;
	return high < 0 || low < 0 ? undefined : high * 16 + low;
}

/** The value of each byte as a hexadecimal digit, or -1. */
const HEX_DIGITS = Int8Array.from({ length: 256 }, (_, byte) =>
	'0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase()),
);
