import { createHash } from 'node:crypto';
import { type DeliveryReport, duplicateKey } from 'mm7-delivery-reports';
import { searchKey } from './search-key.js';
import { storableJson, storableText } from './storable.js';

/** A value as both drivers take it. */
type Value = string | boolean | Date | null;

/**
 * The columns of a report, in the words of the table `reports`.
 *
 * @param xml - the SOAP part as it came
 */
export function reportRow(report: DeliveryReport, xml: string): Record<string, Value> {
	const { recipient, sender, uaCapabilities } = report;
	return {
		duplicate_key: duplicateKey(report),
		message_key: messageKey(report),
		transaction_id: storableText(report.transactionId),
		message_id: storableText(report.messageId),
		recipient: storableJson(recipient),
		recipient_search: searchKey(recipient),
		sender: sender ? storableJson(sender) : null,
		sender_search: sender ? searchKey(sender) : null,
		date: report.date ?? null,
		date_text: optional(report.dateText),
		mm_status: storableText(report.mmStatus),
		state: report.state,
		final: report.final,
		mm_status_extension: optional(report.mmStatusExtension),
		status_text: optional(report.statusText),
		applic_id: optional(report.applicId),
		reply_applic_id: optional(report.replyApplicId),
		aux_applic_info: optional(report.auxApplicInfo),
		ua_capabilities: uaCapabilities ? storableJson(uaCapabilities) : null,
		operator_id: optional(report.operatorId),
		extensions: storableJson(report.extensions),
		namespace: optional(report.namespace),
		mm7_version: optional(report.mm7Version),
		mms_relay_server_id: optional(report.mmsRelayServerId),
		received_at: report.receivedAt,
		xml: storableText(xml),
	};
}

/** One message to one recipient; hashed, for an id may be longer than an index row. */
function messageKey({ messageId, recipient }: DeliveryReport): string {
	const parts = [messageId, searchKey(recipient)];
	return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

function optional(text: string | undefined): string | null {
	return text === undefined ? null : storableText(text);
}
