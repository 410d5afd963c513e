import type { DeliveryReport } from 'mm7-delivery-reports';
import { z } from 'zod';

/** What travels through the queue. */
export interface ReportMessage {
	/** Copies of one report share it; the effects of a report are recorded under it. */
	readonly key: string;
	readonly report: DeliveryReport;
	/** The SOAP part as it came. */
	readonly xml: string;
}

/** No worker will ever be able to read it: attempting it again is of no use. */
export class UnreadableMessage extends Error {
	override readonly name = 'UnreadableMessage';
}

/** Rises when a worker of the version before could misread a message; new optional fields are no reason. */
const VERSION = 1;

const optionalText = z.string().optional();

const date = z.codec(z.string(), z.date(), {
	decode: (text) => new Date(text),
	encode: (value) => value.toISOString(),
});

const address = z.object({
	kind: z.enum(['Number', 'ShortCode', 'RFC2822Address', 'Text']),
	address: z.string(),
	number: z.string().exactOptional(),
	displayOnly: z.boolean().exactOptional(),
	addressCoding: z.string().exactOptional(),
	id: z.string().exactOptional(),
});

const isText = (value: unknown) => typeof value === 'string';

/** Any name may be one of an extension, `__proto__` too: hence no z.record, which drops it. */
const extensions = z.custom<Readonly<Record<string, string>>>(
	(value) => typeof value === 'object' && value !== null && Object.values(value).every(isText),
	'must be an object of texts',
);

const report = z.object({
	transactionId: z.string(),
	namespace: optionalText,
	mm7Version: optionalText,
	mmsRelayServerId: optionalText,
	messageId: z.string(),
	recipient: address,
	sender: address.optional(),
	date: date.optional(),
	dateText: optionalText,
	mmStatus: z.string(),
	state: z.enum(['delivered', 'failed', 'pending', 'unknown']),
	final: z.boolean(),
	mmStatusExtension: optionalText,
	statusText: optionalText,
	applicId: optionalText,
	replyApplicId: optionalText,
	auxApplicInfo: optionalText,
	uaCapabilities: z.object({ uaProf: z.string().exactOptional(), timeStamp: z.string().exactOptional() }).optional(),
	operatorId: optionalText,
	extensions,
	receivedAt: date,
}) satisfies z.ZodType<Partial<DeliveryReport>>;

const message = z.object({ version: z.literal(VERSION), key: z.string().min(1), report, xml: optionalText });

/** Makes an object for JSON of a report: dates in ISO 8601, absent elements left out. */
export function encodeReport({ key, report, xml }: ReportMessage): object {
	return z.encode(message, { version: VERSION, key, report, xml });
}

/**
 * Reads what `encodeReport` made.
 *
 * @throws UnreadableMessage for anything else; Error for a message of a later version, which a worker that is
 * started after the next update will read
 */
export function decodeReport(json: unknown): ReportMessage {
	const version = (json as { version?: unknown } | null)?.version;
	if (typeof version === 'number' && version > VERSION) {
		throw new Error(`the message has version ${version}, this worker reads ${VERSION}`);
	}
	const { success, data, error } = message.safeDecode(json as z.input<typeof message>);
	if (!success) throw new UnreadableMessage(z.prettifyError(error), { cause: error });
	return { key: data.key, report: complete(data.report), xml: data.xml ?? '' };
}

/** The report with a field for every absent element and its extensions without a prototype, as the middleware makes it. */
function complete(decoded: z.output<typeof report>): DeliveryReport {
	const fields = Object.keys(report.shape).map((name) => [name, decoded[name as keyof typeof decoded]]);
	const bare = Object.assign(Object.create(null), decoded.extensions);
	return { ...Object.fromEntries(fields), extensions: bare };
}
