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
	/** As the headers of the part, or of the request, declare it; asked for on demand, since ASCII needs none. */
	readonly charset: () => string | undefined;
}

/** A root part and its neighbors. */
export interface FoundRootPart extends RootPart {
	/** Whether another part is a report too. */
	readonly hasOtherReport: boolean;
}

/** Of a request or of a part, by lower-case name. */
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Bounds of this step. */
type RootPartLimits = Pick<Limits, 'soap' | 'parts'>;

/** How far into a part we look for its first tag and its Envelope. */
const SNIFF_BYTES = 4096;

/**
 * Finds the SOAP root part of a request.
 *
 * The first byte decides: a body that begins with `<` is XML, whatever its Content-Type says; Sinch labels bare
 * XML as multipart/related without a boundary. Otherwise the body is MIME (RFC 2387), and the root is the part
 * that `start` names, else the first that looks like an envelope, else the first XML. Text before XML is ignored.
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

/**
 * Refuses a request with a report in another part: accepting the one in the root part would lose it.
 *
 * @throws Mm7Error ERR_MM7_SEVERAL_REPORTS
 */
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

/** The parts by the declared boundary; where it is missing or not used, by the one that the body shows. */
function partsOf(body: Buffer, declared: string | undefined, maxParts: number): MimePart[] {
	const parts = declared ? splitParts(body, declared, maxParts) : [];
	if (parts.length > 0) return parts;
	const shown = sniffBoundary(body);
	return shown === undefined ? [] : splitParts(body, shown, maxParts);
}

/** Longest Content-ID, which is that of a line (RFC 5322 section 2.1.1). */
const LONGEST_CONTENT_ID = 998;

/**
 * A Content-ID without what senders write on one side and not on the other: `<`, `>`, `cid:`, capitals.
 *
 * @returns `undefined` where nothing is left, or too much to be an id
 */
function bareContentId(contentId = ''): string | undefined {
	if (contentId.length > LONGEST_CONTENT_ID) return undefined;
	let bare = contentId.trim().toLowerCase();
	if (bare.startsWith('<')) bare = bare.slice(1).trimStart();
	if (bare.startsWith('cid:')) bare = bare.slice(4);
	if (bare.endsWith('>')) bare = bare.slice(0, -1).trimEnd();
	return bare || undefined;
}

const ENVELOPE = /^<(?:[^\s<>/:]+:)?envelope[\s/>]/i;
const BODY = /<(?:[^\s<>/:]+:)?body(?:\s[^<>]*)?>/i;
/** SKT's gateway misspells it. */
const REPORT = /^<(?:[^\s<>/:]+:)?(?:delivery?report|readreply)req[\s/>]/i;

/** A part that may be the root. It is decoded on demand, since the root usually comes before the attachments. */
class Candidate {
	#decoded: Buffer | undefined;
	#contentType: HeaderValue | undefined;

	/** @param most - bytes that are worth decoding */
	constructor(
		readonly bytes: Buffer,
		readonly headers: Headers,
		private readonly most: number,
	) {}

	get contentType(): HeaderValue {
		this.#contentType ??= parseHeaderValue(single(this.headers['content-type']));
		return this.#contentType;
	}

	get decoded(): Buffer {
		this.#decoded ??= this.isPlainXml()
			? this.bytes
			: decodeTransferEncoding(this.bytes, this.transferEncoding, this.most);
		return this.#decoded;
	}

	private get transferEncoding(): string | undefined {
		return transferEncodingName(single(this.headers['content-transfer-encoding']));
	}

	/**
	 * Whether an encoding that may be declared was not applied. Of quoted-printable the first byte does not tell, but
	 * it leaves no `=` before the quote of an attribute.
	 */
	private isPlainXml(): boolean {
		if (!beginsAsXml(this.bytes)) return false;
		if (this.transferEncoding !== 'quoted-printable') return true;
		return this.bytes.includes('="') || this.bytes.includes("='");
	}

	isXml(): boolean {
		return beginsAsXml(this.decoded);
	}

	isEnvelope(): boolean {
		return this.isXml() && ENVELOPE.test(afterProlog(asAscii(this.decoded.subarray(0, SNIFF_BYTES))));
	}

	/** Checks that this is an envelope with a report in its Body. */
	isReport(): boolean {
		if (!this.isEnvelope()) return false;
		const text = asAscii(this.decoded);
		const [, operation] = text.split(BODY, 2);
		return REPORT.test(afterProlog(operation ?? ''));
	}
}

/** The text of an ASCII document, in UTF-16 too. */
function asAscii(bytes: Buffer): string {
	return bytes.toString('latin1').replaceAll('\0', '');
}

/** The text from its first tag on, after the XML declaration, comments and processing instructions. */
function afterProlog(text: string): string {
	let at = text.indexOf('<');
	while (at !== -1 && (text[at + 1] === '?' || text.startsWith('<!--', at))) {
		const end = text.indexOf(text[at + 1] === '?' ? '?>' : '-->', at + 2);
		at = end === -1 ? -1 : text.indexOf('<', end);
	}
	return at === -1 ? '' : text.slice(at);
}

const SPACE = 0x20;
const HYPHEN = 0x2d;
const COLON = 0x3a;
const LESS_THAN = 0x3c;
/** Most bytes of junk before the first `<`; a byte order mark that was encoded three times has 12. */
const MAX_JUNK_BYTES = 16;

/**
 * Checks that XML begins here: with `<`, after white space, NUL and what is left of a byte order mark. A delimiter and
 * a header of MIME are not XML.
 */
function beginsAsXml(bytes: Buffer): boolean {
	const end = Math.min(bytes.length, SNIFF_BYTES);
	let junk = 0;
	for (let i = 0; i < end && junk <= MAX_JUNK_BYTES; i++) {
		const byte = bytes[i] as number;
		if (byte === LESS_THAN) return true;
		if (byte === HYPHEN || byte === COLON) return false;
		if (byte > SPACE) junk++;
	}
	return false;
}

function single(header: string | string[] | undefined): string | undefined {
	return Array.isArray(header) ? header[0] : header;
}
