import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import bodyParser from 'body-parser';
import { Mm7Error, type Mm7ErrorCode } from '../errors.js';
import { undoContentEncoding } from '../http/content-encoding.js';
import type { Limits } from '../limits.js';

/** Bounds of this step. */
interface BodyOptions {
	readonly limits: Pick<Limits, 'body'>;
	/** Milliseconds until a body that is still coming is given up. */
	readonly bodyTimeout: number;
}

/** Reads the whole body of a request. */
export type ReadBody = (req: IncomingMessage, res: ServerResponse) => Promise<Buffer>;

type Raw = ReturnType<typeof bodyParser.raw>;

/** What an earlier middleware or a cloud platform may have put onto the request. */
type ReadRequest = IncomingMessage & { body?: unknown; rawBody?: unknown; stream?: Partial<ServerHttp2Stream> };

const BYTE_ORDER_MARK = '\ufeff';

/**
 * Makes the function that reads the whole body of a request, with body-parser's `raw`. Compressed bodies are inflated after that:
 * body-parser trusts the Content-Encoding, and here the bytes decide.
 *
 * What an earlier middleware read is used in this order: a Buffer in `req.body`, `req.rawBody` (cloud functions), a
 * string in `req.body`.
 *
 * @throws (the function) Mm7Error ERR_MM7_BODY_TOO_LARGE, ERR_MM7_BODY_TIMEOUT, ERR_MM7_BODY_ENCODING,
 * ERR_MM7_BODY_CORRUPT, ERR_MM7_BODY_EMPTY, ERR_MM7_BODY_CONSUMED, ERR_MM7_ABORTED
 */
export function bodyReader(options: BodyOptions): ReadBody {
	const { bodyTimeout: maxWaitMs } = options;
	const limit = options.limits.body;
	const raw = bodyParser.raw({ type: () => true, limit });
	return async function readBody(req: ReadRequest, res) {
		const kept = keptBody(req);
		// a Content-Length over the limit is refused before the upload, not after it
		if ((kept?.length ?? Number(req.headers['content-length'])) > limit) throw tooLarge(limit);
		const sent = kept ?? (await readStream(req, res, raw, options));
		// in HTTP/2, many requests share a session
		const connection = req.stream?.session ?? req.socket ?? req;
		const body = await undoContentEncoding(sent, req.headers['content-encoding'], limit, { connection, maxWaitMs });
		if (body !== sent) req.body = body;
		return body;
	};
}

function keptBody({ body, rawBody }: ReadRequest): Buffer | undefined {
	for (const bytes of [body, rawBody]) {
		if (bytes instanceof Uint8Array && bytes.length > 0) {
			return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		}
	}
	for (const text of [rawBody, body]) {
		if (typeof text === 'string' && text !== '') return fromText(text);
	}
	return undefined;
}

/** A string has been decoded already: the mark keeps its declared charset from being applied again. */
function fromText(text: string): Buffer {
	return Buffer.from(text.trimStart().startsWith('<') ? BYTE_ORDER_MARK + text : text);
}

function readStream(
	req: ReadRequest,
	res: ServerResponse,
	raw: Raw,
	{ limits: { body: limit }, bodyTimeout }: BodyOptions,
): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new Mm7Error('ERR_MM7_BODY_TIMEOUT')), bodyTimeout);
		const settle = (error?: Mm7Error) => {
			clearTimeout(timer);
			if (error) return reject(error);
			const { body } = req;
			if (Buffer.isBuffer(body) && body.length > 0) resolve(body);
			else reject(withoutBody(req));
		};
		if (req.headers['content-length'] === undefined) refuseOverLimit(req, limit, settle);
		runRaw(raw, req, res, (cause) => settle(cause === undefined ? undefined : bodyError(cause, limit)));
	});
}

/** body-parser answers an oversized chunked upload only when the client has finished it. */
function refuseOverLimit(req: IncomingMessage, limit: number, settle: (error: Mm7Error) => void): void {
	let received = 0;
	const onData = (chunk: Buffer) => {
		received += chunk.length;
		if (received <= limit) return;
		req.off('data', onData);
		settle(tooLarge(limit));
	};
	req.on('data', onData);
}

/**
 * body-parser reads the headers before it returns, so they are changed just for the call: the Content-Encoding is not
 * its concern, and it believes that a request without a length has no body, which is not so in HTTP/2.
 */
function runRaw(raw: Raw, req: ReadRequest, res: ServerResponse, done: (error?: unknown) => void): void {
	const { headers } = req;
	const { 'content-encoding': encoding } = headers;
	const hidesBody = req.httpVersionMajor >= 2 && headers['content-length'] === undefined;
	if (encoding !== undefined) delete headers['content-encoding'];
	if (hidesBody) headers['transfer-encoding'] = 'chunked';
	try {
		raw(req, res, done);
	} finally {
		if (encoding !== undefined) headers['content-encoding'] = encoding;
		if (hidesBody) delete headers['transfer-encoding'];
	}
}

const CODES: Readonly<Record<string, Mm7ErrorCode>> = {
	'entity.too.large': 'ERR_MM7_BODY_TOO_LARGE',
	'request.aborted': 'ERR_MM7_ABORTED',
	'stream.not.readable': 'ERR_MM7_BODY_CONSUMED',
	'stream.encoding.set': 'ERR_MM7_BODY_CONSUMED',
};

function bodyError(cause: unknown, limit: number): Mm7Error {
	// of another length than announced
	const code = CODES[(cause as { type?: string }).type ?? ''] ?? 'ERR_MM7_BODY_CORRUPT';
	if (code === 'ERR_MM7_BODY_TOO_LARGE') return tooLarge(limit);
	return new Mm7Error(code, { cause, detail: code === 'ERR_MM7_BODY_CONSUMED' ? MOVE : undefined });
}

const MOVE =
	'another middleware has read the request body and did not keep its bytes; put app.use(…, mm7DeliveryReports(…)) ' +
	'before app.use(express.json()), XML parsers and other body parsers, or let them keep the bytes in req.rawBody';

function withoutBody(req: ReadRequest): Mm7Error {
	const { 'content-length': length, 'transfer-encoding': coding } = req.headers;
	const announced = Number(length) > 0 || coding !== undefined || req.stream?.endAfterHeaders === false;
	const taken = announced && !isEmptyBuffer(req.body);
	return taken ? new Mm7Error('ERR_MM7_BODY_CONSUMED', { detail: MOVE }) : new Mm7Error('ERR_MM7_BODY_EMPTY');
}

/** What body-parser leaves of a chunked body without a byte. */
function isEmptyBuffer(body: unknown): boolean {
	return Buffer.isBuffer(body) && body.length === 0;
}

function tooLarge(limit: number): Mm7Error {
	return new Mm7Error('ERR_MM7_BODY_TOO_LARGE', { detail: `more than ${limit} bytes` });
}
