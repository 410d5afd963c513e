import { hash } from 'node:crypto';
import { certaintyOf, type DeliveryReport, duplicateKey, type ReadReply } from 'mm7-delivery-reports';
import { recipientKey, reversedKey, searchKey } from './search-key.js';
import { compressXml } from './xml-codec.js';

/** The type of each column, as PostgreSQL calls it. */
export type Columns = Readonly<
	Record<string, 'text' | 'text COLLATE "C"' | 'jsonb' | 'timestamptz' | 'boolean' | 'integer' | 'bytea'>
>;

/** What the table `reports` says of a report, with the types of the columns. */
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

/** What the table `messages` says of a message after this report, and `duplicate_key`, by which the report is found. */
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
	rank: 'text COLLATE "C"',
	submitted_at: 'timestamptz',
	received_at: 'timestamptz',
} as const satisfies Columns;

type RowOf<Names extends Columns> = { readonly [Name in keyof Names]: unknown };

/** A report as it is written: a row for each of the two tables. */
export interface ReportRows {
	readonly report: RowOf<typeof REPORT_COLUMNS>;
	readonly message: RowOf<typeof MESSAGE_COLUMNS>;
}

/** The provider whose reports arrive at `/mm7`. */
export const DEFAULT_PROVIDER = 'default';

/** What is known of a report beside its fields. */
export interface ReportContext {
	/** Default: `default`. MessageIDs are unique per provider only. */
	readonly provider?: string | undefined;
	/** The SOAP part, verbatim. Default: empty. */
	readonly xml?: string | undefined;
	/** When the message was submitted, if that is certain. */
	readonly submittedAt?: Date | undefined;
}

/** Makes the rows of a report. */
export function reportRows(
	report: DeliveryReport | ReadReply,
	{ provider = DEFAULT_PROVIDER, xml = '', submittedAt }: ReportContext = {},
): ReportRows {
	const { messageId, recipient, sender, mmStatus, operatorId, receivedAt } = report;
	const delivery = 'final' in report ? report : undefined;
	const key = messageKey(provider, report);
	// the reports of a message are together in the index of their keys
	const duplicate_key = `${key}.${duplicateKey(report).slice(0, HASH_LENGTH)}`;
	const recipientSearch = searchKey(recipient);
	const compressed = compressXml(xml);
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
			xml: `\\x${compressed.bytes.toString('hex')}`,
			xml_dictionary: compressed.dictionary,
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
			state: delivery?.state ?? 'unknown',
			final: delivery?.final ?? false,
			mm_status: shortened(mmStatus),
			rank: rankOf(report),
			submitted_at: submittedAt,
			received_at: receivedAt,
		},
	};
}

/** For a word of `messages`, which stands in an index; the report has it whole. */
function shortened(text: string | undefined): string | undefined {
	return text?.slice(0, 100);
}

/** Sorts before every character that XML can hold. */
const SEPARATOR = '\u0001';

/**
 * A text whose bytes sort as `supersedes` decides: the report with the greatest one determines the state of its message.
 * It says nothing about arrival, so copies, reordering and clocks cannot change which one that is. A read reply is below
 * every delivery report: it only makes the message known.
 */
function rankOf(report: DeliveryReport | ReadReply): string {
	const certainty = 'final' in report ? certaintyOf(report) : '-';
	return [certainty, report.date?.toISOString() ?? '', report.mmStatus, report.transactionId].join(SEPARATOR);
}

/** 132 bits: enough that no two keys are alike, and short in every index. */
const HASH_LENGTH = 22;

/**
 * One message to one recipient at one provider. It is hashed, for an id may be longer than an index row, with the
 * beginning of the MessageID in front: providers count their messages, so what is written together is together in the
 * index too. A row costs a fifth less in SQLite than with keys that are spread all over.
 */
function messageKey(provider: string, { messageId, recipient }: DeliveryReport | ReadReply): string {
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

/** The keys of a message's reports: from the first, and before the second. */
export function reportKeyRange(messageKey: string): [string, string] {
	return [`${messageKey}.`, `${messageKey}/`];
}

/** The key of the message that a report with this key is about. */
export function messageKeyOf(duplicateKey: string): string {
	return duplicateKey.slice(0, duplicateKey.indexOf('.'));
}
