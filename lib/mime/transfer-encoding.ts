const EQUALS = 0x3d;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Undoes a Content-Transfer-Encoding (RFC 2045 section 6). `7bit`, `8bit`, `binary` and unknown words change
 * nothing: what cannot be read shows itself one step later.
 */
export function decodeTransferEncoding(bytes: Buffer, encoding: string | undefined): Buffer {
	switch (encoding?.trim().toLowerCase()) {
		case 'base64':
			return Buffer.from(bytes.toString('latin1'), 'base64');
		case 'quoted-printable':
			return decodeQuotedPrintable(bytes);
		default:
			return bytes;
	}
}

/** RFC 2045 section 6.7, leniently: an `=` that begins neither a soft line break nor an octet stays. One pass. */
function decodeQuotedPrintable(bytes: Buffer): Buffer {
	const out = Buffer.allocUnsafe(bytes.length);
	let length = 0;
	for (let i = 0; i < bytes.length; i++) {
		const byte = bytes[i] as number;
		if (byte !== EQUALS) {
			out[length++] = byte;
			continue;
		}
		const lineEnd = softLineBreak(bytes, i + 1);
		if (lineEnd !== undefined) {
			i = lineEnd;
			continue;
		}
		const high = hexDigit(bytes[i + 1]);
		const low = hexDigit(bytes[i + 2]);
		if (high === undefined || low === undefined) {
			out[length++] = byte;
		} else {
			out[length++] = high * 16 + low;
			i += 2;
		}
	}
	return out.subarray(0, length);
}

/** Index of the line feed of a soft line break (`=` CRLF, `=` LF) whose `=` stands before `from`. */
function softLineBreak(bytes: Buffer, from: number): number | undefined {
	if (bytes[from] === LINE_FEED) return from;
	if (bytes[from] === CARRIAGE_RETURN && bytes[from + 1] === LINE_FEED) return from + 1;
	return undefined;
}

function hexDigit(byte: number | undefined): number | undefined {
	if (byte === undefined) return undefined;
	const digit = Number.parseInt(String.fromCharCode(byte), 16);
	return Number.isNaN(digit) ? undefined : digit;
}
