import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './answer.js';

const EXTRA_HEADERS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
	401: { 'WWW-Authenticate': 'Basic realm="mm7", charset="UTF-8"' },
	405: { Allow: 'POST' },
};

/** Up to this many unread bytes of a request are read and discarded, so that the connection can be reused. */
const MAX_DISCARDED_BYTES = 64 * 1024;
/** A closing connection stays open this long for a client that is still sending. */
const LINGER_MS = 1000;

/** How a response ended: handed to the operating system, not sent because the client had disconnected, or preceded by another. */
export type Delivery = 'delivered' | 'gone' | 'taken';

/** Sends the response, once, with a Content-Length: some SOAP clients cannot read chunks. */
export function send(req: IncomingMessage, res: ServerResponse, answer: Answer): Delivery | Promise<Delivery> {
	if (res.headersSent) return 'taken';
	const { socket } = res;
	if (res.destroyed || socket?.destroyed) return 'gone';
	const { httpStatus, contentType, body } = answer;
	const contentLength = Buffer.byteLength(body);
	const headers = { 'Content-Type': contentType, 'Content-Length': contentLength, ...EXTRA_HEADERS[httpStatus] };
	const isHttp1 = req.httpVersionMajor < 2;
	if (req.complete || isShort(req, answer)) {
		res.writeHead(httpStatus, headers).end(body);
		// a pipelined response that is not yet its turn emits nothing if the connection ends
		if (!socket || (isHttp1 && socket.writableLength === 0)) return 'delivered';
		return new Promise((resolve) => {
			res.once('finish', () => resolve(isHttp1 && socket.destroyed ? 'gone' : 'delivered'));
			// without a socket of its own, as on AWS Lambda, a response only closes
			res.once('close', () => resolve(isHttp1 && !socket.destroyed ? 'delivered' : 'gone'));
		});
	}
	res.writeHead(httpStatus, { ...headers, ...(isHttp1 && { Connection: 'close' }) });
	return new Promise((resolve) => {
		res.write(body, (error) => resolve(error ? 'gone' : 'delivered'));
		res.once('close', () => resolve('gone'));
		endAfterRequest(req, res);
	});
}

function isShort(req: IncomingMessage, { httpStatus }: Answer): boolean {
	const length = Number(req.headers['content-length'] ?? (req.headers['transfer-encoding'] ? Number.NaN : 0));
	return length <= MAX_DISCARDED_BYTES && httpStatus !== 408;
}

/** Closing while the client still sends would reset the connection, and the client might never read the response. */
function endAfterRequest(req: IncomingMessage, res: ServerResponse): void {
	const end = () => {
		clearTimeout(timer);
		res.end();
	};
	const timer = setTimeout(end, LINGER_MS);
	req.once('end', end).once('close', end);
	req.resume();
}
