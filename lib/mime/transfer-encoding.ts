const EQUALS = 0x3d;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The encoding that a Content-Transfer-Encoding names, in lower case, without comments (RFC 822), quotes and what follows it. */
export function transferEncodingName(header: string | undefined): string | undefined {
	return /[\w-]+/.exec(header?.replace(/\([^()]*\)/g, '') ?? '')?.[0].toLowerCase();
}

/**
 * Undoes a Content-Transfer-Encoding (RFC 2045 section 6). `7bit`, `8bit`, `binary` and unknown words change
 * nothing: what cannot be read shows itself one step later.
 *
 * @param encoding - as {@link transferEncodingName} returns it
 * @param most - decoded bytes behind which the rest is of no use; a few more may come
 */
export function decodeTransferEncoding(bytes: Buffer, encoding: string | undefined, most: number): Buffer {
	switch (encoding) {
		case 'base64':
			return Buffer.from(bytes.toString('latin1'), 'base64');
		case 'quoted-printable':
			return decodeQuotedPrintable(bytes, most);
		default:
			return bytes;
	}
}

/** RFC 2045 section 6.7, leniently: an `=` that begins neither a soft line break nor an octet stays. One pass. */
function decodeQuotedPrintable(bytes: Buffer, most: number): Buffer {
	const out = Buffer.allocUnsafe(bytes.length);
	let length = 0;
	let position = 0;
	while (position < bytes.length && length <= most) {
		const byte = bytes[position] as number;
		const octet = byte === EQUALS ? octetAt(bytes, position + 1) : NO_OCTET;
		if (byte === EQUALS && isLineBreak(bytes, position + 1)) {
			position += bytes[position + 1] === LINE_FEED ? 2 : 3;
		} else if (octet === NO_OCTET) {
			out[length++] = byte;
			position++;
		} else {
			out[length++] = octet;
			position += 3;
		}
	}
	return out.subarray(0, length);
}

function isLineBreak(bytes: Buffer, at: number): boolean {
	return bytes[at] === LINE_FEED || (bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED);
}

const NO_OCTET = -1;

/** The octet that two hexadecimal digits write. */
function octetAt(bytes: Buffer, at: number): number {
	const high = HEX_DIGITS[bytes[at] ?? 0] as number;
	const low = HEX_DIGITS[bytes[at + 1] ?? 0] as number;
	return high < 0 || low < 0 ? NO_OCTET : high * 16 + low;
}

/** The value of each byte as a hexadecimal digit, or -1. */
const HEX_DIGITS = Int8Array.from({ length: 256 }, (_, byte) =>
	'0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase()),
);
