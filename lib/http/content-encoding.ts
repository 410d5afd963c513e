import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { Mm7Error } from '../errors.js';

/** Undoes one encoding; what comes out may have at most `maxOutputLength` bytes. */
export type Inflate = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const inflateZlib: Inflate = promisify(zlib.inflate);
const inflateRaw: Inflate = promisify(zlib.inflateRaw);
const gunzip: Inflate = promisify(zlib.gunzip);

const INFLATE = new Map<string, Inflate>([
	['gzip', gunzip],
	['x-gzip', gunzip],
	// RFC 9110 section 8.4.1.2: "deflate" is the zlib format, and some send the stream without it
	['deflate', (bytes, options) => (hasZlibHeader(bytes) ? inflateZlib : inflateRaw)(bytes, options)],
	['br', promisify(zlib.brotliDecompress)],
]);

/** MIME transfer encodings and other words that senders put into Content-Encoding without encoding anything. */
const IDENTITY = new Set(['', 'identity', 'none', '7bit', '8bit', 'binary', 'utf-8', 'quoted-printable']);

/** XML or MIME, as far as the first bytes tell. */
const PLAIN = /^(?:\u00ef\u00bb\u00bf)?\s*(?:<|--)/;
const SNIFF_BYTES = 64;

/**
 * The way to undo a Content-Encoding; `undefined` where nothing is encoded.
 *
 * @throws Mm7Error ERR_MM7_BODY_ENCODING
 */
export function inflaterFor(contentEncoding: string | undefined): Inflate | undefined {
	const word = contentEncoding?.trim().toLowerCase() ?? '';
	if (IDENTITY.has(word)) return undefined;
	const inflate = INFLATE.get(word);
	if (!inflate) throw new Mm7Error('ERR_MM7_BODY_ENCODING');
	return async function inflateOrKeep(bytes, options) {
		try {
			return await inflate(bytes, options);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
				throw new Mm7Error('ERR_MM7_BODY_TOO_LARGE', { detail: `more than ${options.maxOutputLength} bytes` });
			}
			// gateways inflate a body and leave the header
			if (PLAIN.test(bytes.toString('latin1', 0, SNIFF_BYTES))) return bytes;
			throw new Mm7Error('ERR_MM7_BODY_CORRUPT', { cause: error });
		}
	};
}

/** RFC 1950 section 2.2: method 8, and a check that makes the first two bytes a multiple of 31. */
function hasZlibHeader(bytes: Buffer): boolean {
	return bytes.length >= 2 && (bytes.readUInt8(0) & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0;
}
