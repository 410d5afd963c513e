import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Request, RequestHandler } from 'express';
import type { Logger } from '../log.js';
import { describeReason } from '../store/refusal-reasons.js';
import type { ReceiverMetrics } from './metrics.js';
import { factsOf, type RefusalCounter } from './refusals.js';

/** Reports requests that Node.js rejects before the app sees them. */
export interface HttpErrors {
	/** Has to be the app's first middleware: records which response a connection waits for, and checks the Host header. */
	readonly handler: RequestHandler;
	/** Listener for the server's event `clientError`. */
	readonly onClientError: (error: Error, socket: Socket) => void;
}

/** An error of Node.js's HTTP parser; `reason` is one of a fixed set of texts. */
type ParserError = Error & { code?: string; reason?: string };

/** Minimum time between two log lines with the same reason. */
const LOG_INTERVAL_MS = 60_000;

const failed = new WeakSet<Socket>();

/** Checks whether Node.js has rejected a request on this connection, which is counted already. */
export function isRejected(socket: Socket): boolean {
	return failed.has(socket);
}

/**
 * Logs and counts requests that are not valid HTTP. If a response is still pending when the parser fails, it is sent
 * first: Axis 1.4 sends more bytes than its Content-Length says, and the excess is not a request.
 *
 * @param requireHost - whether to reject HTTP/1.1 requests without a Host header
 * @param refusals - absent in a process that does not receive reports
 */
export function watchHttpErrors(
	log: Logger,
	metrics: Pick<ReceiverMetrics, 'httpRejected'>,
	requireHost: boolean,
	refusals?: RefusalCounter,
): HttpErrors {
	const latestResponses = new WeakMap<Socket, ServerResponse>();
	const reasons = new Map<string, { loggedAt: number; unlogged: number }>();

	/** @param reason - one of a fixed set, because the last log line of each is remembered */
	function report(code: string, reason: string, httpStatus: number, socket: Socket, req?: Request): void {
		metrics.httpRejected(code);
		refusals?.add({ reason: code, provider: '', peer: req?.ip ?? socket.remoteAddress ?? 'unknown' }, () => ({
			receivedAt: new Date(),
			message: reason,
			httpStatus,
			...(req ? factsOf(req) : { headers: {} }),
			size: 0,
			body: Buffer.alloc(0),
		}));
		const now = performance.now();
		const { loggedAt, unlogged } = reasons.get(reason) ?? { loggedAt: Number.NEGATIVE_INFINITY, unlogged: 0 };
		if (now - loggedAt < LOG_INTERVAL_MS) {
			reasons.set(reason, { loggedAt, unlogged: unlogged + 1 });
			return;
		}
		reasons.set(reason, { loggedAt: now, unlogged: 0 });
		log.warn({ code, reason, peer: socket.remoteAddress, ...(unlogged > 0 && { unlogged }) }, 'invalid HTTP rejected');
	}

	return {
		handler(req, res, next) {
			latestResponses.set(req.socket, res);
			if (!requireHost || req.headers.host !== undefined || req.httpVersion !== '1.1') return next();
			report('HOST_MISSING', 'The Host header is missing', 400, req.socket, req);
			res.status(400).set('Connection', 'close').type('text/plain').send('The Host header is missing\n');
		},
		onClientError(error: ParserError, socket) {
			const { code = 'UNKNOWN', reason = error.message } = error;
			if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy(error);
			// every further packet fails too
			if (failed.has(socket)) return;
			failed.add(socket);
			// browsers and load balancers open connections in advance and may never use them
			const status = describeReason(code).http ?? 400;
			if (socket.bytesRead > 0) report(code, reason, status, socket);

			const latest = latestResponses.get(socket);
			if (latest?.req.complete && !latest.writableFinished) closeAfter(latest, socket);
			// the rest of its body is broken, but its response has been sent already
			else if (latest && !latest.req.complete && latest.headersSent) socket.destroySoon();
			else socket.end(rejection(status, reason), () => socket.destroy());
		},
	};
}

/** The request was complete, so it gets its response whatever came after it. */
function closeAfter(response: ServerResponse, socket: Socket): void {
	if (response.headersSent) response.once('finish', () => socket.destroySoon());
	else response.setHeader('Connection', 'close');
}

function rejection(status: number, reason: string): string {
	const body = `${reason}\n`;
	const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\n`;
	return `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
