import { hash } from 'node:crypto';
import http, { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { Webhook } from 'standardwebhooks';
import type { Attempt, DueEvent } from '../store/outbox.js';

/** Where events are sent. */
export interface Application {
	readonly url: string;
	/** `whsec_` and the key in base64. */
	readonly secret: string;
}

/** An attempt, and the response's `Retry-After`. */
export interface SentRequest {
	readonly attempt: Attempt;
	readonly retryAfter: string | undefined;
}

/** The number of bytes of a response to keep. */
const MAX_RESPONSE_BYTES = 1024;

/** Sends events. */
export interface EventSender {
	/** Sends an event once. It never throws. */
	send(event: DueEvent): Promise<SentRequest>;
	/** Ends all requests in progress. */
	abort(): void;
}

/** Makes a sender. It uses `node:http`, because a request by `fetch` costs three times as much. */
export function eventSender({ url, secret }: Application, timeoutMs: number): EventSender {
	const webhook = new Webhook(secret);
	const client = url.startsWith('https:') ? https : http;
	const agent = new client.Agent({ keepAlive: true });
	const requests = new Set<ClientRequest>();

	function post(headers: OutgoingHttpHeaders, body: string): Promise<ApplicationResponse> {
		return new Promise((resolve, reject) => {
			const request = client.request(url, { method: 'POST', agent, headers });
			const late = new Error(`No response within ${timeoutMs / 1000} seconds`);
			const timer = setTimeout(() => request.destroy(late), timeoutMs);
			requests.add(request);
			request.once('close', () => {
				clearTimeout(timer);
				requests.delete(request);
			});
			let responded = false;
			request.on('error', (error: NodeJS.ErrnoException) => {
				// its status counts
				if (responded) return;
				// the application closed an idle connection at the same time
				if (request.reusedSocket && error.code === 'ECONNRESET') resolve(post(headers, body));
				else reject(error);
			});
			request.once('response', (response) => {
				responded = true;
				void readResponse(response).then(resolve);
			});
			request.end(body);
		});
	}

	return {
		async send(event) {
			const startedAt = new Date();
			const start = performance.now();
			const ended = () => ({ startedAt: startedAt.toISOString(), durationMs: Math.round(performance.now() - start) });
			try {
				const id = webhookId(event);
				const body = bodyOf(event);
				const headers = {
					'content-type': 'application/json',
					'user-agent': 'mm7-inbox',
					'webhook-id': id,
					'webhook-timestamp': String(Math.floor(startedAt.getTime() / 1000)),
					'webhook-signature': webhook.sign(id, startedAt, body),
				};
				const { status, retryAfter, text } = await post(headers, body);
				return { attempt: { ...ended(), status, ...(text && { response: text }) }, retryAfter };
			} catch (error) {
				// Node.js leaves the message empty if it tried several addresses of one host
				const { message, code } = error as NodeJS.ErrnoException;
				return { attempt: { ...ended(), error: message || code || String(error) }, retryAfter: undefined };
			}
		},
		abort() {
			for (const request of requests) request.destroy(new Error('The inbox was stopped'));
			agent.destroy();
		},
	};
}

/** The same for every attempt, and different for every event, even if its number in another database is the same. */
function webhookId({ id, createdAt, message }: DueEvent): string {
	return `evt_${hash('sha256', JSON.stringify([id, createdAt, message.key]), 'base64url').slice(0, 24)}`;
}

/** The JSON of an event, in the structure that Standard Webhooks recommends. */
function bodyOf({ type, createdAt, message: { key: id, ...message } }: DueEvent): string {
	const present = (_name: string, value: unknown) => value ?? undefined;
	return JSON.stringify({ type, timestamp: createdAt, data: { id, ...message } }, present);
}

interface ApplicationResponse {
	readonly status: number;
	readonly retryAfter: string | undefined;
	/** The beginning of the body. */
	readonly text: string;
}

/** Reads a response. Its status counts even if its body does not arrive. */
function readResponse(response: IncomingMessage): Promise<ApplicationResponse> {
	return new Promise((resolve) => {
		const chunks: Buffer[] = [];
		let bytes = 0;
		response.on('data', (chunk: Buffer) => {
			chunks.push(chunk);
			bytes += chunk.length;
			if (bytes > MAX_RESPONSE_BYTES) response.destroy();
		});
		response.on('error', () => {});
		response.once('close', () => {
			const text = Buffer.concat(chunks).subarray(0, MAX_RESPONSE_BYTES).toString();
			resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text });
		});
	});
}
