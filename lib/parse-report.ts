import { isDate } from 'node:util/types';
import { plainObject, quote } from './checks.js';
import type { HeaderFields } from './mime/header-value.js';
import type { DeliveryReport, Mm7Envelope, ReadReply } from './mm7/messages.js';
import { completeOptions, type Options } from './options.js';
import { decode } from './steps/decode.js';
import { findRootPart } from './steps/find-root-part.js';
import { isDeliveryReport, isReadReply, type ParsedEnvelope, readEnvelope } from './steps/read-envelope.js';
import { readReadReply, readReport } from './steps/read-report.js';

/** The option `limits` of `mm7DeliveryReports`, and the time of arrival. */
export interface ParseOptions extends Pick<Options, 'limits'> {
	/** When the request arrived, if it was stored. Default: now. */
	readonly receivedAt?: Date | undefined;
}

/** A request as {@link parseRequest} reads it. Another operation has neither a report nor a read reply. */
export interface ParsedRequest {
	readonly envelope: Mm7Envelope;
	readonly report: DeliveryReport | undefined;
	readonly readReply: ReadReply | undefined;
}

type AnyHeaders = Headers | Iterable<readonly [string, string]> | HeaderFields;

type Parse<T> = (bytes: Uint8Array | string, headers?: AnyHeaders, options?: ParseOptions) => Promise<T>;

/**
 * Reads a delivery report without Express, like the middleware: for queue workers, Lambda and replays of stored requests.
 *
 * @param bytes - the body of the request, inflated; a string is already decoded, so its declared charset is ignored
 * @param headers - of the request: from Node.js or fetch, any object, or pairs like those of a Map; names in any case.
 * Only Content-Type and vendor headers matter, and all may be absent
 * @returns the report, or rejects with an {@link Mm7Error}
 */
export const parseDeliveryReport: Parse<DeliveryReport> = parser(readReport);

/** Reads a read reply, as {@link parseDeliveryReport} reads a delivery report. */
export const parseReadReply: Parse<ReadReply> = parser(readReadReply);

/**
 * Reads a request of any operation, as {@link parseDeliveryReport} reads a delivery report: for replays of requests that
 * could not be read when they arrived.
 */
export const parseRequest: Parse<ParsedRequest> = parser((parsed, headers, receivedAt) => {
	const { envelope } = parsed;
	return {
		envelope,
		report: isDeliveryReport(envelope) ? readReport(parsed, headers, receivedAt) : undefined,
		readReply: isReadReply(envelope) ? readReadReply(parsed, headers, receivedAt) : undefined,
	};
});

function parser<T>(read: (parsed: ParsedEnvelope, headers: HeaderFields, receivedAt: Date) => T): Parse<T> {
	return async (bytes, sentHeaders = {}, options = {}) => {
		const headers = withLowerCaseNames(sentHeaders);
		const { receivedAt = new Date(), ...others } = plainObject(options, 'options');
		if (!isDate(receivedAt) || Number.isNaN(receivedAt.getTime()))
			throw new TypeError(`option receivedAt must be a valid Date, not ${quote(receivedAt)}`);
		const { limits } = completeOptions(others);
		const body =
			typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const root = findRootPart(body, headers, limits);
		const parsed = readEnvelope(decode(typeof bytes === 'string' ? { ...root, charset: 'utf-8' } : root), limits);
		if (parsed.refusal) throw parsed.refusal;
		if (root.refusal) throw root.refusal;
		return read(parsed, headers, receivedAt);
	};
}

function withLowerCaseNames(headers: AnyHeaders): HeaderFields {
	const entries = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
	return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}
