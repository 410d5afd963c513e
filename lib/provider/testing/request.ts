import { randomBytes } from 'node:crypto';
import { validateHeaderValue } from 'node:http';
import { aBoolean, type Check, complete, isPlainObject, oneOf, plainObject } from '../../checks.js';
import type { SoapVersion } from '../../soap/soap-version.js';
import { envelopeXml } from './envelope-xml.js';
import {
	completeFields,
	type DeliveryReportFields,
	type Mm7Release,
	type Operation,
	type ReadReplyFields,
} from './fields.js';
import { type Attachment, asForm, type Bytes, type RequestForm } from './forms.js';

/** Options for sending a report. */
export interface RequestOptions {
	/** Default `xml`. */
	readonly form?: RequestForm | undefined;
	/** MM7 release; sets namespace and MM7Version. Default `6.8.0`. */
	readonly version?: Mm7Release | undefined;
	/** Default `1.1`, which all known providers send. */
	readonly soapVersion?: SoapVersion | undefined;
	/** Parts after the SOAP message; only with the form `multipart`. Default: none. */
	readonly attachments?: readonly Attachment[] | undefined;
	/** Generates a unique TransactionID and MessageID, unless they are given. Default false. */
	readonly unique?: boolean | undefined;
	/** Further request headers, such as `Authorization`. */
	readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A request to send with supertest, or unchanged with `fetch(url, request)`. */
export interface DeliveryReportRequest {
	/** Always `POST`. */
	readonly method: 'POST';
	/** Names in the usual spelling, with the Content-Type of the form. */
	readonly headers: Record<string, string>;
	/** A Buffer for the form `multipart`, otherwise text to send in UTF-8. */
	readonly body: string | Bytes;
}

const attachmentList: Check<readonly Attachment[]> = {
	expected: 'a list of { content, contentType, contentId }',
	read(value) {
		const isContent = (content: unknown) => typeof content === 'string' || content instanceof Uint8Array;
		return Array.isArray(value) && value.every((entry) => isContent(entry?.content)) ? value : undefined;
	},
};

const headerRecord: Check<Readonly<Record<string, string>>> = {
	expected: 'an object of header names and texts',
	read(value) {
		const isRecord = isPlainObject(value) && Object.values(value).every((text) => typeof text === 'string');
		return isRecord ? (value as Record<string, string>) : undefined;
	},
};

const OPTIONS = {
	form: [oneOf('xml', 'multipart', 'bare'), 'xml'],
	version: [oneOf('5.3.0', '6.8.0'), '6.8.0'],
	soapVersion: [oneOf('1.1', '1.2'), '1.1'],
	attachments: [attachmentList, []],
	unique: [aBoolean, false],
	headers: [headerRecord, {}],
} as const;

/**
 * Makes the request of a provider that sends a delivery report. Without `unique`, the same arguments make the same
 * request, byte for byte. All ids and numbers in the defaults are invented.
 *
 * @param fields - content of the report; the defaults make a report that is valid in the schema of its release
 * @param options - form, version and headers
 * @throws TypeError for unknown names and for values that cannot be sent
 * @example
 * const response = await fetch(url, deliveryReportRequest({ mmStatus: 'Expired' }, { form: 'multipart' }));
 * expect(response.status).to.equal(200);
 */
export function deliveryReportRequest(
	fields: DeliveryReportFields = {},
	options: RequestOptions = {},
): DeliveryReportRequest {
	return requestOf('DeliveryReportReq', fields, options);
}

/**
 * Makes the request of a provider that sends a read reply; see {@link deliveryReportRequest}.
 *
 * @param fields - content of the read reply
 * @param options - form, version and headers
 * @throws TypeError for unknown names and for values that cannot be sent
 * @example
 * const { body } = readReplyRequest({ mmStatus: 'Deleted' });
 * expect(body).to.include('<MMStatus>Deleted</MMStatus>');
 */
export function readReplyRequest(fields: ReadReplyFields = {}, options: RequestOptions = {}): DeliveryReportRequest {
	return requestOf('ReadReplyReq', fields, options);
}

function requestOf(operation: Operation, fields: DeliveryReportFields, options: RequestOptions): DeliveryReportRequest {
	const { form, version, soapVersion, attachments, unique, headers } = complete(options, OPTIONS, 'option ');
	if (attachments.length > 0 && form !== 'multipart') {
		throw new TypeError(`option attachments needs the form "multipart", not "${form}"`);
	}
	plainObject(fields, 'fields');
	const given = completeFields(
		operation,
		unique ? { transactionId: uniqueId(), messageId: uniqueId(), ...fields } : fields,
		version,
	);
	const xml = envelopeXml(operation, given, soapVersion);
	const { contentType, body } = asForm(form, xml, soapVersion, attachments);
	if (given.operatorId !== undefined) validateHeaderValue('x-mblox-operator-id', given.operatorId);
	return {
		method: 'POST',
		headers: {
			'Content-Type': contentType,
			...(soapVersion === '1.1' && { SOAPAction: soapAction(given.namespace) }),
			...(given.operatorId !== undefined && { 'x-mblox-operator-id': given.operatorId }),
			...headers,
		},
		body,
	};
}

/** The namespace in quotes, as Sinch sends it; empty if a header cannot contain it. */
function soapAction(namespace = ''): string {
	return /^[!-~]*$/.test(namespace) ? `"${namespace}"` : '""';
}

/** An id in digits, as Sinch uses. */
function uniqueId(): string {
	return randomBytes(8).readBigUInt64BE().toString().padStart(20, '0');
}
