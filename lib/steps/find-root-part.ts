import { Mm7Error } from '../errors.js';
import type { Limits } from '../limits.js';
import { type HeaderFields, parseHeaderValue, single } from '../mime/header-value.js';
import { sniffBoundary } from '../mime/parts.js';
import { splitParts } from '../mime/split.js';
import { decodeTransferEncoding, transferEncodingName } from '../mime/transfer-encoding.js';
import { salvage } from '../mm7/salvage.js';

/** The bytes of the SOAP envelope, and the charset that its headers declare. */
export interface RootPart {
	readonly bytes: Buffer;
	readonly charset: string | undefined;
	/** Thrown once the envelope was read, if another part is a report too: accepting the root part would lose it. */
	readonly refusal: Mm7Error | undefined;
}

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
 * @throws Mm7Error ERR_MM7_BODY_EMPTY, ERR_MM7_MIME, ERR_MM7_TOO_MANY_PARTS, ERR_MM7_SOAP_TOO_LARGE
 */
export function findRootPart(body: Buffer, headers: HeaderFields, limits: RootPartLimits): RootPart {
	if (body.length === 0) throw new Mm7Error('ERR_MM7_BODY_EMPTY');
	const request = makeCandidate(body, headers, limits.soap);
	const parts = request.isXml ? [request] : partsOfMultipart(body, request, limits);
	const documents = parts.filter(({ isXml }) => isXml);
	const [first = parts.length === 0 && request.bytes.includes('<') ? request : undefined] = documents;
	const root = documents.length > 1 ? (documents.find(isEnvelope) ?? first) : first;
	if (!root) throw new Mm7Error('ERR_MM7_MIME');
	const { bytes } = root;
	if (bytes.length > limits.soap) {
		throw new Mm7Error('ERR_MM7_SOAP_TOO_LARGE', {
			detail: `more than ${limits.soap} bytes`,
			...salvage(bytes.toString('utf8', 0, SNIFF_BYTES)),
		});
	}
	const hasOtherReport = documents.some((part) => part !== root && isReport(part));
	return {
		bytes,
		charset: root.contentType.parameters.get('charset') ?? request.contentType.parameters.get('charset'),
		refusal: hasOtherReport
			? new Mm7Error('ERR_MM7_SEVERAL_REPORTS', { detail: 'two parts hold a report' })
			: undefined,
	};
}

/** The parts of a multipart body, beginning with the one that `start` names, if any (RFC 2387 section 3.2). */
function partsOfMultipart(body: Buffer, { contentType }: Candidate, { parts, soap }: RootPartLimits): Candidate[] {
	const { parameters } = contentType;
	const candidates = partsOf(body, parameters.get('boundary'), parts).map(({ bytes, headers }) =>
		makeCandidate(bytes, headers, soap),
	);
	const wanted = bareContentId(parameters.get('start'));
	const named = wanted && candidates.find(({ headers }) => bareContentId(single(headers['content-id'])) === wanted);
	return named ? [named, ...candidates.filter((part) => part !== named)] : candidates;
}

/** Splits by the declared boundary, or by the one that the body shows if none is declared or it is not used. */
function partsOf(body: Buffer, declared: string | undefined, maxParts: number) {
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

type Candidate = ReturnType<typeof makeCandidate>;

/**
 * A part that may be the root, or the request itself, without its Content-Transfer-Encoding.
 *
 * @param maxBytes - bytes that are worth decoding
 */
function makeCandidate(sent: Buffer, headers: HeaderFields, maxBytes: number) {
	const encoding = transferEncodingName(single(headers['content-transfer-encoding']));
	const bytes = encoding && !isDecoded(sent, encoding) ? decodeTransferEncoding(sent, encoding, maxBytes) : sent;
	return { headers, contentType: parseHeaderValue(single(headers['content-type'])), bytes, isXml: beginsAsXml(bytes) };
}

/**
 * A declared encoding may not have been applied: then the part begins as XML. So does XML in quoted-printable, but it has
 * no `=` before the quote of an attribute.
 */
function isDecoded(bytes: Buffer, encoding: string): boolean {
	return beginsAsXml(bytes) && (encoding !== 'quoted-printable' || bytes.includes('="') || bytes.includes("='"));
}

function isEnvelope({ bytes }: Candidate): boolean {
	return ENVELOPE.test(asAscii(bytes.subarray(0, SNIFF_BYTES)).replace(PROLOG, ''));
}

/** Checks for an envelope with a report in its Body. */
function isReport(part: Candidate): boolean {
	const [, operation = ''] = isEnvelope(part) ? asAscii(part.bytes).split(BODY, 2) : [];
	return REPORT.test(operation.replace(PROLOG, ''));
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
