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

/** Reports shrink to a tenth. What shrinks to less than a hundredth was made to fill memory. */
const MAX_RATIO = 100;
/** A proxy may compress what its client compressed. */
const MAX_LAYERS = 2;
/** How far into a body we look. */
const SNIFF_BYTES = 256;

/**
 * Undoes the compression of a body. The bytes decide: XML, MIME and other text are not compressed, gzip and zlib have
 * magic numbers. The Content-Encoding decides only between brotli and raw deflate, which have none.
 *
 * @param limit - bytes of the inflated body
 * @param turn - when the body may be inflated
 * @returns the bytes themselves if they are not compressed
 * @throws Mm7Error ERR_MM7_BODY_ENCODING, ERR_MM7_BODY_CORRUPT, ERR_MM7_BODY_TOO_LARGE, ERR_MM7_BODY_TIMEOUT
 */
export async function undoContentEncoding(
	bytes: Buffer,
	contentEncoding: string | undefined,
	limit: number,
	turn: Omit<InflationTurn, 'size'>,
): Promise<Buffer> {
	const words = contentEncoding?.toLowerCase().match(/[\w-]+/g) ?? [];
	if (!inflaterFor(bytes, words)) return bytes;
	return inTurn({ ...turn, size: bytes.length }, () => inflateLayers(bytes, words, limit));
}

async function inflateLayers(sent: Buffer, words: readonly string[], limit: number): Promise<Buffer> {
	const maxOutputLength = Math.min(limit, sent.length * MAX_RATIO);
	let bytes = sent;
	try {
		for (let layer = 0; layer < MAX_LAYERS; layer++) {
			bytes = (await inflaterFor(bytes, words)?.(bytes, { maxOutputLength })) ?? bytes;
		}
		return bytes;
	} catch (cause) {
		if (cause instanceof Mm7Error) throw cause;
		if (!isTooLarge(cause)) throw new Mm7Error('ERR_MM7_BODY_CORRUPT', { cause });
		const detail = maxOutputLength < limit ? `more than ${MAX_RATIO} times what was sent` : `more than ${limit} bytes`;
		throw new Mm7Error('ERR_MM7_BODY_TOO_LARGE', { detail });
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

/** Checks that a body is XML (UTF-16 too), MIME or other text. */
function isPlain(bytes: Buffer): boolean {
	const head = bytes.subarray(0, SNIFF_BYTES);
	if (
		/^(?:\u00ef\u00bb\u00bf|\u00fe\u00ff|\u00ff\u00fe)?\s*(?:<|--)/.test(head.toString('latin1').replaceAll('\0', ''))
	) {
		return true;
	}
	return head.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}

/** Node.js refuses what follows the last member, if it is not zero; gateways add a line break. */
async function gunzip(bytes: Buffer, options: zlib.ZlibOptions): Promise<Buffer> {
	try {
		return await gunzipMembers(bytes, options);
	} catch (error) {
		if (isTooLarge(error)) throw error;
		const start = gzipHeaderLength(bytes);
		const { engine } = await inflateWithInfo(bytes.subarray(start), { ...options, info: true });
		const checksumLength = 8;
		return gunzipMembers(bytes.subarray(0, start + engine.bytesWritten + checksumLength), options);
	}
}

// the types do not know the option `info`
const inflateWithInfo = inflateRaw as unknown as (
	bytes: Buffer,
	options: zlib.ZlibOptions & { info: true },
) => Promise<{ engine: zlib.InflateRaw }>;

/** RFC 1952 section 2.3. */
function gzipHeaderLength(bytes: Buffer): number {
	const [hasChecksum, hasExtra, hasName, hasComment] = [2, 4, 8, 16].map((flag) => ((bytes[3] ?? 0) & flag) !== 0);
	let length = 10;
	if (hasExtra) length += 2 + bytes.readUInt16LE(length);
	if (hasName) length = bytes.indexOf(0, length) + 1;
	if (hasComment) length = bytes.indexOf(0, length) + 1;
	return hasChecksum ? length + 2 : length;
}

function isTooLarge(error: unknown): boolean {
	return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
}
