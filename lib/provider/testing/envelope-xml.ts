import { SOAP_NAMESPACES, type SoapVersion } from '../../soap/soap-version.js';
import { escapeXml } from '../../xml/escape.js';
import type { AddressFields, CompleteFields, Operation } from './fields.js';

/**
 * Writes the SOAP message of an operation in the style of Sinch: SOAP with a prefix, MM7 as the default namespace.
 * Elements are in the order of the schema (REL-6-MM7-1-4).
 */
export function envelopeXml(operation: Operation, fields: CompleteFields, soapVersion: SoapVersion): string {
	const { transactionId, namespace } = fields;
	const mm7 = namespace === undefined ? '' : ` xmlns="${escapeXml(namespace)}"`;
	const header = transactionId !== undefined && [
		'<soap-env:Header>',
		`<TransactionID soap-env:mustUnderstand="1">${escapeXml(transactionId)}</TransactionID>`,
		'</soap-env:Header>',
	];
	return lines(
		'<?xml version="1.0" encoding="UTF-8"?>',
		`<soap-env:Envelope xmlns:soap-env="${SOAP_NAMESPACES[soapVersion]}"${mm7}>`,
		header && lines(...header),
		'<soap-env:Body>',
		`<${operation}>`,
		fieldsXml(operation, fields),
		`</${operation}>`,
		'</soap-env:Body>',
		'</soap-env:Envelope>',
	);
}

function fieldsXml(operation: Operation, fields: CompleteFields): string {
	return lines(
		textXml('MM7Version', fields.mm7Version),
		textXml('MMSRelayServerID', fields.mmsRelayServerId),
		extensionXml(fields.extensions),
		textXml('MessageID', fields.messageId),
		addressXml('Recipient', fields.recipient),
		addressXml('Sender', fields.sender),
		textXml(operation === 'ReadReplyReq' ? 'TimeStamp' : 'Date', fields.date),
		textXml('MMStatus', fields.mmStatus),
		textXml('MMStatusExtension', fields.mmStatusExtension),
		textXml('StatusText', fields.statusText),
		textXml('ApplicID', fields.applicId),
		textXml('ReplyApplicID', fields.replyApplicId),
		textXml('AuxApplicInfo', fields.auxApplicInfo),
		uaCapabilitiesXml(fields.uaCapabilities),
	);
}

function lines(...parts: (string | false | undefined)[]): string {
	return parts.filter(Boolean).join('\n');
}

function textXml(name: string, text: string | undefined): string | undefined {
	return text === undefined ? undefined : `<${name}>${escapeXml(text)}</${name}>`;
}

function addressXml(name: string, fields: AddressFields | undefined): string | undefined {
	if (fields === undefined) return undefined;
	const { kind = 'Number', address, displayOnly, addressCoding, id } = fields;
	if (kind === 'Text') return textXml(name, address);
	const attributes = attributesXml({ displayOnly: displayOnly?.toString(), addressCoding, id });
	return `<${name}><${kind}${attributes}>${escapeXml(address)}</${kind}></${name}>`;
}

function uaCapabilitiesXml(capabilities: CompleteFields['uaCapabilities']): string | undefined {
	if (capabilities === undefined) return undefined;
	const attributes = attributesXml({ UAProf: capabilities.uaProf, TimeStamp: capabilities.timeStamp });
	return `<UACapabilities${attributes}/>`;
}

function attributesXml(attributes: Readonly<Record<string, string | undefined>>): string {
	return Object.entries(attributes)
		.map(([name, value]) => (value === undefined ? '' : ` ${name}="${escapeXml(value)}"`))
		.join('');
}

function extensionXml(pairs: CompleteFields['extensions']): string | undefined {
	if (pairs.length === 0) return undefined;
	const elements = pairs.map(([key, value]) => `<element>${textXml('key', key)}${textXml('value', value)}</element>`);
	return lines('<Extension>', '<MessageExtraData>', ...elements, '</MessageExtraData>', '</Extension>');
}
