import { hash } from 'node:crypto';
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
	readonly retryAfter: string | null;
}

/** The number of bytes of a response to keep. */
const MAX_RESPONSE_BYTES = 1024;

/** Makes a function that sends an event once. It never throws. */
export function eventSender({ url, secret }: Application, timeoutMs: number) {
	const webhook = new Webhook(secret);
	return async function send(event: DueEvent, aborted: AbortSignal): Promise<SentRequest> {
		const startedAt = new Date();
		const start = performance.now();
		const limit = new AbortController();
		const timer = setTimeout(() => limit.abort(new Error(`No response within ${timeoutMs / 1000} seconds`)), timeoutMs);
		const abort = () => limit.abort(aborted.reason);
		aborted.addEventListener('abort', abort);
		const ended = () => ({ startedAt: startedAt.toISOString(), durationMs: Math.round(performance.now() - start) });
		try {
			const id = webhookId(event);
			const body = bodyOf(event);
			const response = await fetch(url, {
				method: 'POST',
				headers: {
					'content-type': 'application/json',
					'user-agent': 'mm7-inbox',
					'webhook-id': id,
					'webhook-timestamp': String(Math.floor(startedAt.getTime() / 1000)),
					'webhook-signature': webhook.sign(id, startedAt, body),
				},
				body,
				redirect: 'manual',
				signal: limit.signal,
			});
			const text = await beginningOf(response);
			const attempt = { ...ended(), status: response.status, ...(text && { response: text }) };
			return { attempt, retryAfter: response.headers.get('retry-after') };
		} catch (error) {
			return { attempt: { ...ended(), error: reasonOf(error) }, retryAfter: null };
		} finally {
			clearTimeout(timer);
			aborted.removeEventListener('abort', abort);
		}
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

/** Reads the beginning of a body. The status counts even if the rest does not arrive. */
async function beginningOf(response: Response): Promise<string> {
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	try {
		for await (const chunk of response.body ?? []) {
			chunks.push(chunk);
			bytes += chunk.length;
			// leaving the loop closes the connection
			if (bytes > MAX_RESPONSE_BYTES) break;
		}
	} catch {
		// what has arrived is kept
	}
	return Buffer.concat(chunks).subarray(0, MAX_RESPONSE_BYTES).toString();
}

/** Names the cause of a failed request: Node.js only says "fetch failed". */
function reasonOf(error: unknown): string {
	const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
	return cause?.message || cause?.code || message || String(error);
}
