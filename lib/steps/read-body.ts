import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import bodyParser from 'body-parser';
import { Mm7Error } from '../errors.js';
import { undoContentEncoding } from '../http/content-encoding.js';

type Raw = ReturnType<typeof bodyParser.raw>;

/** A request with the body that an earlier middleware or a cloud platform may have left on it. */
type ReadRequest = IncomingMessage & { body?: unknown; rawBody?: unknown; stream?: Partial<ServerHttp2Stream> };

const BYTE_ORDER_MARK = '\ufeff';

/**
 * Creates the function that reads the whole body of a request, with body-parser's `raw`. Compressed bodies are inflated
 * after that: body-parser trusts the Content-Encoding, but here the bytes decide.
 *
 * A body that an earlier middleware read is used, in this order: a Buffer in `req.body`, `req.rawBody` (cloud functions),
 * a string in `req.body`.
 *
 * @throws (the function) Mm7Error ERR_MM7_BODY_TOO_LARGE, ERR_MM7_BODY_TIMEOUT, ERR_MM7_BODY_ENCODING,
 * ERR_MM7_BODY_CORRUPT, ERR_MM7_BODY_EMPTY, ERR_MM7_BODY_CONSUMED, ERR_MM7_ABORTED
 */
export function bodyReader(options: { readonly limits: { readonly body: number }; readonly bodyTimeout: number }) {
	const { limits, bodyTimeout } = options;
	const limit = limits.body;
	const raw = bodyParser.raw({ type: () => true, limit });
	return async function readBody(req: ReadRequest, res: ServerResponse): Promise<Buffer> {
		const { headers } = req;
		const kept = keptBody(req);
		// a Content-Length over the limit is rejected before the upload, not after it
		if ((kept?.length ?? Number(headers['content-length'])) > limit) throw tooLarge(limit);
		const sent = kept ?? (await readStream(req, res, raw, limit, bodyTimeout));
		// HTTP/2 requests share a session
		const turn = () => ({ connection: req.stream?.session ?? req.socket ?? req, maxWaitMs: bodyTimeout });
		const body = await undoContentEncoding(sent, headers['content-encoding'], limit, turn);
		if (body !== sent) req.body = body;
		return body;
	};
}

function keptBody({ body, rawBody }: ReadRequest): Buffer | undefined {
	for (const bytes of [body, rawBody]) {
		if (bytes instanceof Uint8Array) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}
	// a string has been decoded already: the mark keeps its declared charset from being applied again
	const text = [rawBody, body].find((kept) => typeof kept === 'string');
	return text ? Buffer.from(BYTE_ORDER_MARK + text) : undefined;
}

function readStream(req: ReadRequest, res: ServerResponse, raw: Raw, limit: number, timeout: number): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new Mm7Error('ERR_MM7_BODY_TIMEOUT')), timeout);
		// body-parser rejects an oversized chunked upload only after the client has finished it
		let received = 0;
		const onData = (chunk: Buffer) => {
			received += chunk.length;
			if (received <= limit) return;
			req.off('data', onData);
			clearTimeout(timer);
			reject(tooLarge(limit));
		};
		if (req.headers['content-length'] === undefined) req.on('data', onData);
		runRaw(raw, req, res, (cause) => {
			clearTimeout(timer);
			const { body } = req;
			if (cause !== undefined) reject(bodyError(cause));
			else if (Buffer.isBuffer(body)) resolve(body);
			else reject(withoutBody(req));
		});
	});
}

/**
 * body-parser reads the headers before it returns, so they are changed for the call only: it must ignore the
 * Content-Encoding, and it would assume that an HTTP/2 request without a length has no body.
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

function bodyError(cause: unknown): Mm7Error {
	const { type } = cause as { type?: string };
	if (type === 'request.aborted') return new Mm7Error('ERR_MM7_ABORTED', { cause });
	// no longer readable, or decoded by req.setEncoding
	if (type?.startsWith('stream.')) return new Mm7Error('ERR_MM7_BODY_CONSUMED', { cause, detail: MOVE });
	// its length is not its Content-Length
	return new Mm7Error('ERR_MM7_BODY_CORRUPT', { cause });
}

const MOVE =
	'another middleware consumed the request body; mount app.use(…, mm7DeliveryReports(…)) before ' +
	'app.use(express.json()), XML parsers and other body parsers, or keep the raw bytes in req.rawBody';

/** The error for a request of which body-parser read nothing. */
function withoutBody(req: ReadRequest): Mm7Error {
	const { 'content-length': length, 'transfer-encoding': coding } = req.headers;
	const announced = Number(length) > 0 || coding !== undefined || req.stream?.endAfterHeaders === false;
	return announced ? new Mm7Error('ERR_MM7_BODY_CONSUMED', { detail: MOVE }) : new Mm7Error('ERR_MM7_BODY_EMPTY');
}

function tooLarge(limit: number): Mm7Error {
	return new Mm7Error('ERR_MM7_BODY_TOO_LARGE', { detail: `more than ${limit} bytes` });
}
