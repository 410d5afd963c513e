import { hash } from 'node:crypto';
import { certaintyOf, type DeliveryReport, duplicateKey, type ReadReply } from 'mm7-delivery-reports';
import { recipientKey, reversedKey, searchKey } from './search-key.js';

/** The type of each column, as PostgreSQL calls it. */
export type Columns = Readonly<Record<string, 'text' | 'text COLLATE "C"' | 'jsonb' | 'timestamptz' | 'boolean'>>;

/** What the table `reports` says of a report, with the types of the columns. */
export const REPORT_COLUMNS = {
	kind: 'text',
	duplicate_key: 'text',
	message_key: 'text',
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
	xml: 'text',
} as const satisfies Columns;

/** What the table `messages` says of a message after this report, and `duplicate_key`, by which the report is found. */
export const MESSAGE_COLUMNS = {
	duplicate_key: 'text',
	key: 'text',
	message_id: 'text',
	message_id_reversed: 'text',
	recipient: 'text',
	recipient_reversed: 'text',
	sender: 'text',
	sender_reversed: 'text',
	operator_id: 'text',
	state: 'text',
	final: 'boolean',
	mm_status: 'text',
	rank: 'text COLLATE "C"',
	received_at: 'timestamptz',
} as const satisfies Columns;

type RowOf<Names extends Columns> = { readonly [Name in keyof Names]: unknown };

/** A report as it is written: a row for each of the two tables. */
export interface ReportRows {
	readonly report: RowOf<typeof REPORT_COLUMNS>;
	readonly message: RowOf<typeof MESSAGE_COLUMNS>;
}

/** @param xml - the SOAP part as it came */
export function reportRows(report: DeliveryReport | ReadReply, xml: string): ReportRows {
	const { messageId, recipient, sender, mmStatus, operatorId, receivedAt } = report;
	const delivery = 'final' in report ? report : undefined;
	const duplicate_key = behindMessageId(messageId, duplicateKey(report));
	const message_key = messageKey(report);
	const recipientSearch = searchKey(recipient);
	const senderSearch = sender && searchKey(sender);
	return {
		report: {
			kind: delivery ? 'delivery' : 'read',
			duplicate_key,
			message_key,
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
			xml,
		},
		message: {
			duplicate_key,
			key: message_key,
			message_id: messageId,
			message_id_reversed: reversedKey(messageId),
			recipient: recipientSearch,
			recipient_reversed: reversedKey(recipientSearch),
			sender: senderSearch,
			sender_reversed: senderSearch && reversedKey(senderSearch),
			operator_id: shortened(operatorId),
			state: delivery?.state ?? 'unknown',
			final: delivery?.final ?? false,
			mm_status: shortened(mmStatus),
			rank: rankOf(report),
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

/** One message to one recipient; hashed, for an id may be longer than an index row. */
function messageKey({ messageId, recipient }: DeliveryReport | ReadReply): string {
	const parts = [messageId, ...recipientKey(recipient)];
	return behindMessageId(messageId, hash('sha256', JSON.stringify(parts), 'base64url'));
}

/**
 * The key with the beginning of the MessageID in front. Providers count their messages, so what is written together
 * is together in the index too: a row costs a fifth less in SQLite than with keys that are spread all over.
 */
function behindMessageId(messageId: string, key: string): string {
	return `${messageId.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 24)}-${key}`;
}
