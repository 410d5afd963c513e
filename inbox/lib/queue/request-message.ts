import type { IncomingHttpHeaders } from 'node:http';
import {
	type DeliveryReport,
	type Mm7Envelope,
	Mm7Error,
	parseDeliveryReport,
	parseReadReply,
	type ReadReply,
} from 'mm7-delivery-reports';
import { z } from 'zod';
import type { Refusals } from '../store/refusal-repository.js';

/** Raised if earlier workers would misread a message; not raised for new optional fields. */
const VERSION = 1;

/** A one-byte character can take three bytes in UTF-8, so a request can be three times the receiver's limit here. */
const LIMITS = { limits: { soap: '1mb' } };

const time = z.iso.datetime().transform((text) => new Date(text));

const origin = z.object({
	version: z.literal(VERSION),
	receivedAt: time,
	/** The NAME of `/mm7/NAME`. */
	provider: z.string().optional(),
	remoteAddress: z.string().optional(),
});

const refusal = z.object({ reason: z.string(), provider: z.string(), peer: z.string() });

/** The format of a message: the relevant parts of the request itself. */
const requestMessage = z.discriminatedUnion('kind', [
	origin.extend({
		kind: z.enum(['delivery-report', 'read-reply']),
		headers: z.record(z.string(), z.string()),
		/** The SOAP part, decoded. */
		soap: z.string(),
	}),
	z.object({
		version: z.literal(VERSION),
		kind: z.literal('refusals'),
		id: z.string().optional(),
		counts: z.array(refusal.extend({ count: z.int(), firstAt: time, lastAt: time })),
		requests: z.array(
			refusal.extend({
				receivedAt: time,
				message: z.string(),
				httpStatus: z.int().optional(),
				statusCode: z.int().optional(),
				method: z.string().optional(),
				path: z.string().optional(),
				headers: z.record(z.string(), z.string()),
				size: z.int(),
				body: z.base64().transform((text) => Buffer.from(text, 'base64')),
			}),
		),
	}),
]);

type Parsed = z.output<typeof requestMessage>;

/** A request as a worker receives it. */
export type QueuedRequest =
	| (Extract<Parsed, { soap: string }> & { readonly report: DeliveryReport | ReadReply })
	| Extract<Parsed, { kind: 'refusals' }>;

/** The relevant parts of an Express request. */
export interface ReceivedRequest {
	readonly headers: IncomingHttpHeaders;
	readonly ip?: string | undefined;
	readonly mm7Envelope?: Mm7Envelope;
}

/** No worker can read the message, so there is no point in another attempt. */
export class UnreadableMessage extends Error {
	override readonly name = 'UnreadableMessage';
}

/**
 * Makes the message for a request with a report, as an object for JSON.
 *
 * @param provider - its name
 */
export function reportMessage(report: DeliveryReport | ReadReply, req: ReceivedRequest, provider: string): object {
	return {
		version: VERSION,
		receivedAt: report.receivedAt.toISOString(),
		provider,
		remoteAddress: req.ip,
		kind: 'final' in report ? 'delivery-report' : 'read-reply',
		headers: vendorHeaders(req.headers),
		soap: req.mm7Envelope?.xml ?? '',
	} satisfies z.input<typeof requestMessage>;
}

/** Makes the message for refused requests, as an object for JSON. */
export function refusalsMessage({ id, counts, requests }: Refusals): object {
	return {
		version: VERSION,
		kind: 'refusals',
		id,
		counts: counts.map((count) => ({
			...count,
			firstAt: count.firstAt.toISOString(),
			lastAt: count.lastAt.toISOString(),
		})),
		requests: requests.map((request) => ({
			...request,
			receivedAt: request.receivedAt.toISOString(),
			body: request.body.toString('base64'),
		})),
	} satisfies z.input<typeof requestMessage>;
}

/**
 * Reads a message made by {@link reportMessage} or {@link refusalsMessage}.
 *
 * @throws UnreadableMessage for anything else; Error for a message of a later version, which an updated worker can read
 */
export async function readMessage(json: unknown): Promise<QueuedRequest> {
	const version = (json as { version?: unknown } | null)?.version;
	if (typeof version === 'number' && version > VERSION) {
		throw new Error(`the message has version ${version}; this worker supports ${VERSION}`);
	}
	const { success, data, error } = requestMessage.safeParse(json);
	if (!success) throw new UnreadableMessage(z.prettifyError(error), { cause: error });
	if (data.kind === 'refusals') return data;
	const parse = data.kind === 'read-reply' ? parseReadReply : parseDeliveryReport;
	try {
		const options = { ...LIMITS, receivedAt: data.receivedAt };
		return { ...data, report: await parse(data.soap, data.headers, options) };
	} catch (cause) {
		if (cause instanceof Mm7Error) throw new UnreadableMessage(cause.message, { cause });
		throw cause;
	}
}

/** The headers in which vendors send fields of a report: `X-…` and `UAProf`. */
function vendorHeaders(headers: IncomingHttpHeaders): Record<string, string> {
	const isVendorHeader = (name: string) =>
		(name.startsWith('x-') && !name.startsWith('x-forwarded')) || name === 'uaprof';
	const entries = Object.entries(headers).filter(([name]) => isVendorHeader(name));
	return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
