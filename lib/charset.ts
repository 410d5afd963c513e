import { isAscii, isUtf8 } from 'node:buffer';

/** How many bytes of a document may hold its XML declaration. */
const DECLARATION_BYTES = 256;
const ESCAPE = 0x1b;

/**
 * Step 3: turns the bytes of an XML document into text.
 *
 * Believed in this order: the byte order mark, the shape of UTF-16, the charset parameter, the XML declaration,
 * UTF-8, windows-1252. A belief that the bytes contradict is dropped, so that nothing is ever unreadable: a
 * declared utf-16 over plain bytes is as common as a declared GB2312 over UTF-8 (RFC 7303 section 3).
 *
 * @param charset - charset parameter of the part or of the request
 */
export function decode(bytes: Buffer, charset: string | undefined): string {
	const mark = byteOrderMark(bytes);
	if (mark !== undefined) return new TextDecoder(mark).decode(bytes);
	const wide = unmarkedUtf16(bytes);
	if (wide !== undefined) return new TextDecoder(wide).decode(bytes);
	// most reports are plain ASCII, which reads the same in all other charsets but those that escape (ISO-2022)
	if (isAscii(bytes) && !bytes.includes(ESCAPE)) return bytes.toString('latin1');
	return (
		decodeAs(bytes, charset) ??
		decodeAs(bytes, declaredEncoding(bytes)) ??
		decodeAs(bytes, 'utf-8') ??
		new TextDecoder('windows-1252').decode(bytes)
	);
}

function byteOrderMark(bytes: Buffer): string | undefined {
	if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
	if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
	if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
	return undefined;
}

/** UTF-16 without a mark shows in the zero byte beside the first character. */
function unmarkedUtf16(bytes: Buffer): string | undefined {
	if (bytes[0] !== 0 && bytes[1] === 0) return 'utf-16le';
	if (bytes[0] === 0 && bytes[1] !== 0) return 'utf-16be';
	return undefined;
}

/** The text in that charset; nothing where the name is unknown or the bytes are not of it. */
function decodeAs(bytes: Buffer, label: string | undefined): string | undefined {
	if (label === undefined) return undefined;
	const name = label.trim().toLowerCase();
	if (name === 'utf-8' || name === 'utf8') return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
	// TextDecoder reads these as windows-1252, but there are bytes beyond ASCII here: the label is wrong
	if (name === 'us-ascii' || name === 'ascii') return undefined;
	try {
		const decoder = new TextDecoder(name, { fatal: true });
		// the shape of UTF-16 was looked for and not found
		return decoder.encoding.startsWith('utf-16') ? undefined : decoder.decode(bytes);
	} catch {
		return undefined;
	}
}

/** The encoding that the XML declaration names, if there is one. */
function declaredEncoding(bytes: Buffer): string | undefined {
	const head = bytes.toString('latin1', 0, DECLARATION_BYTES);
	const start = head.indexOf('<?xml');
	const end = head.indexOf('?>', start);
	if (start === -1 || end === -1) return undefined;
	const declaration = head.slice(start, end);
	const name = declaration.indexOf('encoding');
	if (name === -1) return undefined;
	return /^encoding\s*=\s*["']([\w.:-]+)["']/.exec(declaration.slice(name))?.[1];
}
