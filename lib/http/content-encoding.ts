import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { Mm7Error } from '../errors.js';
import { salvage } from '../mm7/salvage.js';
import { type InflationTurn, inTurn } from './inflation-turns.js';

type Inflate = (bytes: Buffer, options: zlib.ZlibOptions) => Promise<Buffer>;

const inflateZlib: Inflate = promisify(zlib.inflate);
const inflateRaw: Inflate = promisify(zlib.inflateRaw);
const gunzipMembers: Inflate = promisify(zlib.gunzip);
const inflateBrotli: Inflate = promisify(zlib.brotliDecompress);

/** Reports compress to a tenth. A body that compresses to less than a hundredth was made to fill memory. */
const MAX_RATIO = 100;
/** A proxy may compress what its client has compressed. */
const MAX_LAYERS = 2;
const SNIFF_BYTES = 256;

/**
 * Undoes the compression of a body. The bytes decide: XML, MIME and other text are not compressed, gzip and zlib have
 * magic numbers. The Content-Encoding decides only between brotli and raw deflate, which have none.
 *
 * @returns the bytes themselves if they are not compressed
 * @throws Mm7Error ERR_MM7_BODY_ENCODING, ERR_MM7_BODY_CORRUPT, ERR_MM7_BODY_TOO_LARGE, ERR_MM7_BODY_TIMEOUT
 */
export function undoContentEncoding(
	bytes: Buffer,
	contentEncoding: string | undefined,
	limit: number,
	turn: () => Omit<InflationTurn, 'size'>,
): Buffer | Promise<Buffer> {
	const words = contentEncoding?.toLowerCase().match(/[\w-]+/g) ?? [];
	if (!inflaterFor(bytes, words)) return bytes;
	return inTurn({ ...turn(), size: bytes.length }, () => inflateLayers(bytes, words, limit));
}

async function inflateLayers(compressed: Buffer, words: readonly string[], limit: number): Promise<Buffer> {
	const maxOutputLength = Math.min(limit, compressed.length * MAX_RATIO);
	let bytes = compressed;
	try {
		for (let layer = 0; layer < MAX_LAYERS; layer++) {
			bytes = (await inflaterFor(bytes, words)?.(bytes, { maxOutputLength })) ?? bytes;
		}
		return bytes;
	} catch (cause) {
		if (cause instanceof Mm7Error) throw cause;
		if (!isTooLarge(cause)) throw new Mm7Error('ERR_MM7_BODY_CORRUPT', { cause });
		const max = maxOutputLength < limit ? `${MAX_RATIO} times its compressed size` : `${limit} bytes`;
		throw new Mm7Error('ERR_MM7_BODY_TOO_LARGE', { detail: `more than ${max}` });
	}
}

function inflaterFor(bytes: Buffer, words: readonly string[]): Inflate | undefined {
	if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzip;
	if (isPlain(bytes)) return undefined;
	// RFC 1950 section 2.2: method 8, and a check that makes the first two bytes a multiple of 31
	if (bytes.length >= 2 && (bytes.readUInt8(0) & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0) return inflateZlib;
	if (words.includes('br')) return inflateBrotli;
	if (words.some((word) => /^(?:x-)?(?:gzip|deflate)$/.test(word))) return inflateRaw;
	if (words.every((word) => word === 'identity')) return undefined;
	throw new Mm7Error('ERR_MM7_BODY_ENCODING', { detail: words.join(', '), ...salvage(bytes.toString('latin1')) });
}

/** Checks for XML (UTF-16 too), MIME or other text. */
function isPlain(bytes: Buffer): boolean {
	const head = bytes.toString('latin1', 0, SNIFF_BYTES);
	if (/^(?:\xef\xbb\xbf|\xfe\xff|\xff\xfe)?\s*(?:<|--)/.test(head.replaceAll('\0', ''))) return true;
	// biome-ignore lint/suspicious/noControlCharactersInRegex: without them it is text
	return !/[\x00-\x08\x0b\x0c\x0e-\x1f]/.test(head);
}

/** Node.js rejects data after the last member unless it is zeros; gateways add a line break. */
async function gunzip(bytes: Buffer, options: zlib.ZlibOptions): Promise<Buffer> {
	try {
		return await gunzipMembers(bytes, options);
	} catch (error) {
		const lineBreak = /\r?\n$/.exec(bytes.toString('latin1', bytes.length - 2));
		if (isTooLarge(error) || !lineBreak) throw error;
		return gunzipMembers(bytes.subarray(0, -lineBreak[0].length), options);
	}
}

function isTooLarge(error: unknown): boolean {
	return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
}
