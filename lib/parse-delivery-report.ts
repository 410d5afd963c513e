import { completeOptions, type Options } from './options.js';
import { decode } from './steps/decode.js';
import { findRootPart } from './steps/find-root-part.js';
import { readEnvelope } from './steps/read-envelope.js';
import { type DeliveryReport, type RequestHeaders, readReport } from './steps/read-report.js';

/** The options of `mm7DeliveryReports` that bound what is parsed. */
export type ParseOptions = Pick<
	Options,
	'soapLimit' | 'maxParts' | 'maxElements' | 'maxDepth' | 'maxAttributes' | 'strictMustUnderstand'
>;

/**
 * Reads a delivery report without Express: for queue workers, Lambda and replays of stored requests. Reads all that
 * the middleware reads.
 *
 * @param bytes - the body of the request, inflated; a text was decoded by whoever read it, so that the charset which it
 * declares counts no more
 * @param headers - of the request: those of Node.js or of fetch, any object, or pairs as a Map has them; names in any
 * case. Content-Type is the one that matters, and may be absent
 * @returns the report, or rejects with a {@link Mm7Error}
 */
export async function parseDeliveryReport(
	bytes: Uint8Array | string,
	headers: Headers | Iterable<readonly [string, string]> | RequestHeaders = {},
	options: ParseOptions = {},
): Promise<DeliveryReport> {
	const config = completeOptions(options);
	const body =
		typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const lowerCase = withLowerCaseNames(headers);
	const root = findRootPart(body, lowerCase, config);
	const text = decode(typeof bytes === 'string' ? { bytes: root.bytes, charset: 'utf-8' } : root);
	const parsed = readEnvelope(text, config);
	return readReport(parsed, lowerCase, new Date());
}

function withLowerCaseNames(headers: Iterable<readonly [string, string]> | RequestHeaders): RequestHeaders {
	const entries = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
	return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}
