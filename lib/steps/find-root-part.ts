import { Mm7Error } from '../errors.js';
import type { Limits } from '../limits.js';
import { type HeaderValue, parseHeaderValue } from '../mime/header-value.js';
import { sniffBoundary } from '../mime/parts.js';
import { type MimePart, splitParts } from '../mime/split.js';
import { decodeTransferEncoding, transferEncodingName } from '../mime/transfer-encoding.js';
import { salvage } from '../mm7/salvage.js';

/** The bytes of the SOAP envelope, and the charset that its headers declare. */
export interface RootPart {
	readonly bytes: Buffer;
	/** From the headers of the part or of the request; a function, since ASCII needs no charset. */
	readonly charset: () => string | undefined;
}

export interface FoundRootPart extends RootPart {
	/** Whether another part is a report too. */
	readonly hasOtherReport: boolean;
}

/** Of a request or of a part, by lower-case name. */
type Headers = Readonly<Record<string, string | string[] | undefined>>;

type RootPartLimits = Pick<Limits, 'soap' | 'parts'>;

/** The first tag and the Envelope of a part are within these. */
const SNIFF_BYTES = 4096;

/**
 * Finds the SOAP root part of a request.
 *
 * The first byte decides: a body that begins with `<` is XML, whatever its Content-Type says; Sinch labels bare XML as
 * multipart/related without a boundary. Otherwise the body is MIME (RFC 2387), and the root is the part that `start`
 * names, or else the first that looks like an envelope, or else the first XML. Text before XML is ignored.
 *
 * @param headers - of the request, by lower-case name
 * @throws Mm7Error ERR_MM7_BODY_EMPTY, ERR_MM7_MIME, ERR_MM7_TOO_MANY_PARTS, ERR_MM7_SOAP_TOO_LARGE
 */
export function findRootPart(body: Buffer, headers: Headers, limits: RootPartLimits): FoundRootPart {
	if (body.length === 0) throw new Mm7Error('ERR_MM7_BODY_EMPTY');
	const request = new Candidate(body, headers, limits.soap);
	const candidates = request.isXml() ? [request] : partsOfMultipart(request, limits);
	const root =
		candidates.find((part) => part.isEnvelope()) ??
		candidates.find((part) => part.isXml()) ??
		(candidates.length === 0 && request.decoded.includes('<') ? request : undefined);
	if (!root) throw new Mm7Error('ERR_MM7_MIME');
	const bytes = root.decoded;
	if (bytes.length > limits.soap) {
		throw new Mm7Error('ERR_MM7_SOAP_TOO_LARGE', {
			detail: `more than ${limits.soap} bytes`,
			...salvage(bytes.toString('utf8', 0, SNIFF_BYTES)),
		});
	}
	return {
		bytes,
		charset: () => charsetOf(root) ?? charsetOf(request),
		hasOtherReport: candidates.some((part) => part !== root && part.isReport()),
	};
}

/** @throws Mm7Error ERR_MM7_SEVERAL_REPORTS if another part is a report: accepting the root part would lose it */
export function refuseOtherReport({ hasOtherReport }: FoundRootPart): void {
	if (hasOtherReport) throw new Mm7Error('ERR_MM7_SEVERAL_REPORTS', { detail: 'two parts hold a report' });
}

function charsetOf({ contentType }: Candidate): string | undefined {
	return contentType.parameters['charset'];
}

/** The parts of a multipart body, the one that `start` names first (RFC 2387 section 3.2); it may name nothing. */
function partsOfMultipart({ bytes, contentType }: Candidate, { parts: maxParts, soap }: RootPartLimits): Candidate[] {
	const { boundary, start } = contentType.parameters;
	const candidates = partsOf(bytes, boundary, maxParts).map((part) => new Candidate(part.bytes, part.headers, soap));
	const wanted = bareContentId(start);
	const named = wanted && candidates.find(({ headers }) => bareContentId(single(headers['content-id'])) === wanted);
	return named ? [named, ...candidates] : candidates;
}

/** The parts by the declared boundary, or by the one that the body shows if it is missing or not used. */
function partsOf(body: Buffer, declared: string | undefined, maxParts: number): MimePart[] {
	const parts = declared ? splitParts(body, declared, maxParts) : [];
	if (parts.length > 0) return parts;
	const shown = sniffBoundary(body);
	return shown === undefined ? [] : splitParts(body, shown, maxParts);
}

/** A Content-ID without the parts that senders write on one side only: `<`, `>`, `cid:`, capitals. */
function bareContentId(contentId = ''): string {
	return contentId
		.replace(/[<>\s]/g, '')
		.replace(/^cid:/i, '')
		.toLowerCase();
}

/** Everything before the first tag: text, the XML declaration, comments and processing instructions. */
const PROLOG = /^[^<]*(?:<(?:\?.*?\?>|!--.*?-->)[^<]*)*/s;
const ENVELOPE = /^<(?:[^\s<>/:]+:)?envelope[\s/>]/i;
const BODY = /<(?:[^\s<>/:]+:)?body(?:\s[^<>]*)?>/i;
/** SKT's gateway misspells it. */
const REPORT = /^<(?:[^\s<>/:]+:)?(?:delivery?report|readreply)req[\s/>]/i;

/** A part that may be the root. It is decoded on demand, since the root usually comes before the attachments. */
class Candidate {
	#decoded: Buffer | undefined;
	#contentType: HeaderValue | undefined;

	/** @param maxBytes - bytes that are worth decoding */
	constructor(
		readonly bytes: Buffer,
		readonly headers: Headers,
		private readonly maxBytes: number,
	) {}

	get contentType(): HeaderValue {
		this.#contentType ??= parseHeaderValue(single(this.headers['content-type']));
		return this.#contentType;
	}

	get decoded(): Buffer {
		this.#decoded ??= this.decode();
		return this.#decoded;
	}

	/** A declared encoding may not have been applied: then the part begins as XML. */
	private decode(): Buffer {
		const encoding = transferEncodingName(single(this.headers['content-transfer-encoding']));
		const isPlain = beginsAsXml(this.bytes) && (encoding !== 'quoted-printable' || this.hasPlainAttribute());
		return isPlain ? this.bytes : decodeTransferEncoding(this.bytes, encoding, this.maxBytes);
	}

	/** XML in quoted-printable begins as XML too, but has no `=` before the quote of an attribute. */
	private hasPlainAttribute(): boolean {
		return this.bytes.includes('="') || this.bytes.includes("='");
	}

	isXml(): boolean {
		return beginsAsXml(this.decoded);
	}

	isEnvelope(): boolean {
		return this.isXml() && ENVELOPE.test(asAscii(this.decoded.subarray(0, SNIFF_BYTES)).replace(PROLOG, ''));
	}

	/** Checks for an envelope with a report in its Body. */
	isReport(): boolean {
		if (!this.isEnvelope()) return false;
		const [, operation = ''] = asAscii(this.decoded).split(BODY, 2);
		return REPORT.test(operation.replace(PROLOG, ''));
	}
}

/** The text of an ASCII document, in UTF-16 too. */
function asAscii(bytes: Buffer): string {
	return bytes.toString('latin1').replaceAll('\0', '');
}

/**
 * XML starts with `<`, after white space, NUL and the remains of a byte order mark: up to 16 other bytes, since a mark
 * that was encoded three times has 12. `-` starts a MIME delimiter, and `:` follows the name of a MIME header.
 */
const XML_START = /^[\0-\x20]*(?:[^\0-\x20:<-][\0-\x20]*){0,16}</;

function beginsAsXml(bytes: Buffer): boolean {
	return XML_START.test(bytes.toString('latin1', 0, SNIFF_BYTES));
}

function single(header: string | string[] | undefined): string | undefined {
	return Array.isArray(header) ? header[0] : header;
}
