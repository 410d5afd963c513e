import { hash, randomBytes } from 'node:crypto';
import {
	type Address,
	certaintyOf,
	type DeliveryReport,
	type DeliveryState,
	duplicateKey,
	type ReadReply,
} from 'mm7-delivery-reports';
import { failureReason } from './failure-reason.js';
import { recipientKey, reversedKey, searchKey } from './search-key.js';
import { compressXml } from './xml-codec.js';

/** PostgreSQL column types. */
export type Columns = Readonly<
	Record<string, 'text' | 'text COLLATE "C"' | 'jsonb' | 'timestamptz' | 'boolean' | 'integer' | 'bytea'>
>;

/** The state of a message. `submitted`: your application registered it, and no report has come in yet. */
export type MessageState = DeliveryState | 'submitted';

/** The columns of `reports` and their types. */
export const REPORT_COLUMNS = {
	kind: 'text',
	provider: 'text',
	duplicate_key: 'text',
	transaction_id: 'text',
	message_id: 'text',
	recipient: 'jsonb',
	sender: 'jsonb',
	date: 'timestamptz',
	date_text: 'text',
	mm_status: 'text',
	state: 'text',
	final: 'boolean',
	mm_status_extension: 'text',
	status_text: 'text',
	applic_id: 'text',
	reply_applic_id: 'text',
	aux_applic_info: 'text',
	ua_capabilities: 'jsonb',
	operator_id: 'text',
	extensions: 'jsonb',
	namespace: 'text',
	mm7_version: 'text',
	mms_relay_server_id: 'text',
	received_at: 'timestamptz',
	xml: 'bytea',
	xml_dictionary: 'integer',
} as const satisfies Columns;

/**
 * The columns of `messages` as this report or registration sets them, and `duplicate_key`, which finds its row in
 * `reports`.
 */
export const MESSAGE_COLUMNS = {
	duplicate_key: 'text',
	key: 'text COLLATE "C"',
	provider: 'text',
	message_id: 'text',
	message_id_reversed: 'text',
	recipient: 'text',
	recipient_reversed: 'text',
	sender: 'text',
	operator_id: 'text',
	state: 'text',
	final: 'boolean',
	mm_status: 'text',
	reason: 'text',
	rank: 'text COLLATE "C"',
	reference: 'text COLLATE "C"',
	registered_sender: 'text COLLATE "C"',
	registered_time: 'timestamptz',
	submitted_at: 'timestamptz',
	received_at: 'timestamptz',
} as const satisfies Columns;

type RowOf<Names extends Columns> = { readonly [Name in keyof Names]?: unknown };

/** A report or registration as it is written: one row for each of the two tables. */
export interface ReportRows {
	readonly report: RowOf<typeof REPORT_COLUMNS>;
	readonly message: RowOf<typeof MESSAGE_COLUMNS>;
}

/** The provider that sends reports to `/mm7`. */
export const DEFAULT_PROVIDER = 'default';

/** Facts about a report that are not among its fields. */
export interface ReportContext {
	/** Default: `default`. MessageIDs are unique per provider only. */
	readonly provider?: string | undefined;
	/** The SOAP part, verbatim. Default: empty. */
	readonly xml?: string | undefined;
	/** When the message was submitted, if known for certain. */
	readonly submittedAt?: Date | undefined;
}

/** Creates the rows of a report. */
export function reportRows(
	report: DeliveryReport | ReadReply,
	{ provider = DEFAULT_PROVIDER, xml = '', submittedAt }: ReportContext = {},
): ReportRows {
	const { messageId, recipient, sender, mmStatus, operatorId, receivedAt } = report;
	const delivery = 'final' in report ? report : undefined;
	const key = messageKey(provider, report);
	// the shared prefix keeps a message's reports together in the index
	const duplicate_key = `${key}.${duplicateKey(report).slice(0, HASH_LENGTH)}`;
	const recipientSearch = searchKey(recipient);
	return {
		report: {
			kind: delivery ? 'delivery' : 'read',
			provider,
			duplicate_key,
			transaction_id: report.transactionId,
			message_id: messageId,
			recipient,
			sender,
			date: report.date,
			date_text: report.dateText,
			mm_status: mmStatus,
			state: report.state,
			final: delivery?.final ?? true,
			mm_status_extension: delivery?.mmStatusExtension,
			status_text: report.statusText,
			applic_id: report.applicId,
			reply_applic_id: report.replyApplicId,
			aux_applic_info: report.auxApplicInfo,
			ua_capabilities: delivery?.uaCapabilities,
			operator_id: operatorId,
			extensions: report.extensions,
			namespace: report.namespace,
			mm7_version: report.mm7Version,
			mms_relay_server_id: report.mmsRelayServerId,
			received_at: receivedAt,
			...storedXml(xml),
		},
		message: {
			duplicate_key,
			key,
			provider,
			message_id: messageId,
			message_id_reversed: reversedKey(messageId),
			recipient: recipientSearch,
			recipient_reversed: reversedKey(recipientSearch),
			sender: sender && searchKey(sender),
			operator_id: shortened(operatorId),
			// a message that was read was delivered
			state: delivery?.state ?? (report.state === 'read' ? 'delivered' : 'unknown'),
			// a message that was read is not overdue
			final: delivery?.final ?? true,
			mm_status: shortened(mmStatus),
			reason: delivery?.state === 'failed' ? failureReason(report.statusText) : undefined,
			rank: rankOf(report),
			submitted_at: submittedAt,
			received_at: receivedAt,
		},
	};
}

/** What your application knows about a message that it submitted. It never includes the content. */
export interface Registration {
	/** As the provider returned it for the submission. */
	readonly messageId: string;
	/** Phone numbers in any notation; other addresses exactly as the provider reports them. */
	readonly recipients: readonly string[];
	readonly sender?: string | undefined;
	/** When the provider accepted the message. It should not be in the future. */
	readonly submittedAt?: Date | undefined;
	/** Your own id of the message; at most 200 characters. */
	readonly reference?: string | undefined;
	/** Default: `default`. */
	readonly provider?: string | undefined;
}

/**
 * Creates the rows of a registration, one for each recipient. They rank below every report and read reply, so they
 * determine the state only until the first of those is stored.
 *
 * @param registeredAt - when it arrived, which places it in the list if `submittedAt` is absent
 */
export function registrationRows(
	{ messageId, recipients, sender, submittedAt, reference, provider = DEFAULT_PROVIDER }: Registration,
	registeredAt: Date,
): ReportRows[] {
	const from = sender === undefined ? undefined : addressOf(sender);
	const senderKey = from && searchKey(from);
	const order = [submittedAt?.toISOString() ?? '', reference ?? '', senderKey ?? ''].join(SEPARATOR);
	const received_at = submittedAt ?? registeredAt;
	return recipients.map(addressOf).map((recipient) => {
		const key = messageKey(provider, { messageId, recipient });
		const duplicate_key = `${key}.${hash('sha256', `submission ${order}`, 'base64url').slice(0, HASH_LENGTH)}`;
		const recipientSearch = searchKey(recipient);
		const shared = { duplicate_key, provider, message_id: messageId, mm_status: '', state: 'submitted', final: false };
		return {
			report: {
				...shared,
				kind: 'submission',
				transaction_id: '',
				recipient,
				sender: from,
				date: submittedAt,
				extensions: {},
				received_at,
				...storedXml(''),
			},
			message: {
				...shared,
				key,
				message_id_reversed: reversedKey(messageId),
				recipient: recipientSearch,
				recipient_reversed: reversedKey(recipientSearch),
				rank: `!${SEPARATOR}${order}`,
				reference,
				registered_sender: senderKey,
				registered_time: submittedAt,
				received_at,
			},
		};
	});
}

function addressOf(text: string): Address {
	const address = text.trim();
	return address.includes('@') ? { kind: 'RFC2822Address', address } : { kind: 'Number', address, number: address };
}

function storedXml(xml: string) {
	const { bytes, dictionary } = compressXml(xml);
	return { xml: `\\x${bytes.toString('hex')}`, xml_dictionary: dictionary };
}

/** Truncates a word of `messages`, because it is indexed. The report has the complete text. */
function shortened(text: string | undefined): string | undefined {
	return text?.slice(0, 100);
}

/** Sorts before every character allowed in XML. */
const SEPARATOR = '\u0001';

/**
 * A string whose bytes sort in the order of `supersedes`: the report with the greatest rank determines its message's
 * state. It does not depend on arrival, so duplicates, reordering and clocks cannot change which report that is. A read
 * reply ranks below every delivery report and above every registration: it only makes the message known.
 */
function rankOf(report: DeliveryReport | ReadReply): string {
	const certainty = 'final' in report ? certaintyOf(report) : '-';
	return [certainty, report.date?.toISOString() ?? '', report.mmStatus, report.transactionId].join(SEPARATOR);
}

/** 132 bits: enough to rule out collisions, and short in every index. */
const HASH_LENGTH = 22;

/**
 * Identifies one message to one recipient at one provider. It is a hash, because an id may be longer than an index row,
 * prefixed with the beginning of the MessageID: providers number their messages sequentially, so rows written together
 * are close in the index. In SQLite this makes a row a fifth cheaper than random keys.
 */
function messageKey(
	provider: string,
	{ messageId, recipient }: Pick<DeliveryReport, 'messageId' | 'recipient'>,
): string {
	const parts = JSON.stringify([provider, messageId, ...recipientKey(recipient)]);
	const start = messageId.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 24);
	return `${start}-${hash('sha256', parts, 'base64url').slice(0, HASH_LENGTH)}`;
}

/** The columns of `messages` that are the same in all reports with its key. */
export const KEY_COLUMNS: readonly string[] = [
	'key',
	'provider',
	'message_id',
	'message_id_reversed',
	'recipient',
	'recipient_reversed',
];

/** Returns a random key to replace that of a message, which is a hash of its recipient. */
export function anonymousKey(messageKey: string): string {
	return messageKey.slice(0, -HASH_LENGTH) + randomBytes(HASH_LENGTH).toString('base64url').slice(0, HASH_LENGTH);
}

/** The range of a message's report keys: start (inclusive) and end (exclusive). */
export function reportKeyRange(messageKey: string): [string, string] {
	return [`${messageKey}.`, `${messageKey}/`];
}

/** SQL for the key of the message that a report is about. */
export const MESSAGE_KEY_SQL = `substr(duplicate_key, 1, length(duplicate_key) - ${HASH_LENGTH + 1})`;

/** The same for a report with this key. */
export function messageKeyOf(duplicateKey: string): string {
	return duplicateKey.slice(0, duplicateKey.indexOf('.'));
}
