import { Mm7Error } from '../errors.js';
import { type Address, readAddress } from '../mm7/address.js';
import { readDate } from '../mm7/date.js';
import { classifyMmStatus, type DeliveryState } from '../mm7/mm-status.js';
import { attribute, child, childText, type Element, sameName } from '../xml/element.js';
import { isDeliveryReport, type ParsedEnvelope } from './read-envelope.js';

/**
 * What a provider reports about one message and one recipient: the `DeliveryReportReq` of TS 23.140.
 *
 * Names are the MM7 element names in camelCase. Text is trimmed and stays text, so ids keep their leading zeros;
 * an element that is absent or empty is `undefined`.
 */
export interface DeliveryReport {
	/** `TransactionID` of the SOAP Header. Not unique: some relays use it for every report of a message. */
	readonly transactionId: string;
	/** Namespace URI of the operation element, trimmed. */
	readonly namespace: string | undefined;
	/** `MM7Version`, such as `6.8.0`. */
	readonly mm7Version: string | undefined;
	/** `MMSRelayServerID`. */
	readonly mmsRelayServerId: string | undefined;
	/** `MessageID`: the id that the provider gave when the message was submitted. */
	readonly messageId: string;
	/** `Recipient`: the handset that the report is about. */
	readonly recipient: Address;
	/** `Sender`: the short code or number of the business. */
	readonly sender: Address | undefined;
	/** `Date` (some relays: `TimeStamp`), UTC where it has no zone; `undefined` where it is not certain. */
	readonly date: Date | undefined;
	/** The same as sent. */
	readonly dateText: string | undefined;
	/** `MMStatus` as sent, `Retrieved`. */
	readonly mmStatus: string;
	/** The class of `mmStatus`. */
	readonly state: DeliveryState;
	/** False while a later report about the same message and recipient is to be expected. */
	readonly final: boolean;
	/** `MMStatusExtension`: who rejected the message. */
	readonly mmStatusExtension: string | undefined;
	/** `StatusText`: free text about the status. */
	readonly statusText: string | undefined;
	/** `ApplicID`. */
	readonly applicId: string | undefined;
	/** `ReplyApplicID`. */
	readonly replyApplicId: string | undefined;
	/** `AuxApplicInfo`. */
	readonly auxApplicInfo: string | undefined;
	/** Attributes of `UACapabilities`; where there are none, the `UAProf` request header. */
	readonly uaCapabilities: { readonly uaProf?: string; readonly timeStamp?: string } | undefined;
	/** The operator, from the header `x-mblox-operator-id` or one of its siblings. */
	readonly operatorId: string | undefined;
	/**
	 * All else that the vendor put into the report: texts by local name, `Details`, and the key/value pairs of
	 * `MessageExtraData`. Of several with one name the first counts. Null prototype.
	 */
	readonly extensions: Readonly<Record<string, string>>;
	/** When the request was read, by the clock of this machine. */
	readonly receivedAt: Date;
}

/** Request headers by lower-case name. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

const OPERATOR_HEADERS = [
	'x-mblox-operator-id',
	'x-mblox-carrier-id',
	'x-skycore-operator-id',
	'x-skycore-carrier-id',
	'x-openmarket-operator-id',
	'x-openmarket-carrier-id',
];

/** Elements with a field of their own; all others are extensions. */
const FIELDS = [
	'MM7Version',
	'MMSRelayServerID',
	'MessageID',
	'Recipient',
	'Recipients',
	'Sender',
	'Date',
	'MMStatus',
	'MMStatusExtension',
	'StatusText',
	'ApplicID',
	'ReplyApplicID',
	'AuxApplicInfo',
	'UACapabilities',
];
const FIELD_NAMES = new Set([...FIELDS, ...FIELDS.map((name) => name.toLowerCase())]);

/**
 * Step 5: makes the typed report of a parsed envelope. Elements are taken as direct children, by local name, in any
 * order; nothing is refused for a reason of the schema alone.
 *
 * @param headers - of the request, by lower-case name
 * @throws Mm7Error ERR_MM7_OPERATION, ERR_MM7_TRANSACTION_ID, ERR_MM7_ELEMENT_MISSING
 */
export function readReport(parsed: ParsedEnvelope, headers: RequestHeaders, receivedAt: Date): DeliveryReport {
	const { envelope, operation } = parsed;
	if (!isDeliveryReport(envelope)) throw new Mm7Error('ERR_MM7_OPERATION');
	if (envelope.transactionId === undefined) throw new Mm7Error('ERR_MM7_TRANSACTION_ID');

	// a relay that knows no MMStatus puts a Status with code and text in its place
	const status = child(operation, 'Status');
	const statusCode = childText(operation, 'MMStatus') === undefined ? child(status, 'StatusCode') : undefined;
	const mmStatus = childText(operation, 'MMStatus') ?? (statusCode?.text || undefined);
	const statusText = child(childText(operation, 'StatusText') === undefined ? status : operation, 'StatusText');
	const recipient = readAddress(child(operation, 'Recipient') ?? child(operation, 'Recipients'));
	const messageId = childText(operation, 'MessageID');
	if (messageId === undefined) throw missing('MessageID');
	if (recipient === undefined) throw missing('Recipient');
	if (mmStatus === undefined) throw missing('MMStatus');

	const dateElement = child(operation, childText(operation, 'Date') === undefined ? 'TimeStamp' : 'Date');
	const dateText = dateElement?.text || undefined;
	const { state, final } = classifyMmStatus(mmStatus);
	return {
		transactionId: envelope.transactionId,
		namespace: envelope.namespace,
		mm7Version: envelope.mm7Version,
		mmsRelayServerId: childText(operation, 'MMSRelayServerID'),
		messageId,
		recipient,
		sender: readAddress(child(operation, 'Sender')),
		date: dateText === undefined ? undefined : readDate(dateText),
		dateText,
		mmStatus,
		state,
		final,
		mmStatusExtension: childText(operation, 'MMStatusExtension'),
		statusText: statusText?.text || undefined,
		applicId: childText(operation, 'ApplicID'),
		replyApplicId: childText(operation, 'ReplyApplicID'),
		auxApplicInfo: childText(operation, 'AuxApplicInfo'),
		uaCapabilities: uaCapabilities(child(operation, 'UACapabilities'), headers),
		operatorId: firstHeader(headers, OPERATOR_HEADERS),
		extensions: extensions(operation, [dateElement, statusCode, statusText]),
		receivedAt,
	};
}

function missing(element: string): Mm7Error {
	return new Mm7Error('ERR_MM7_ELEMENT_MISSING', { detail: `${element} is missing` });
}

function uaCapabilities(element: Element | undefined, headers: RequestHeaders): DeliveryReport['uaCapabilities'] {
	const uaProf = (element && attribute(element, 'UAProf')) ?? firstHeader(headers, ['uaprof']);
	const timeStamp = element && attribute(element, 'TimeStamp');
	if (uaProf === undefined && timeStamp === undefined) return undefined;
	const found: { uaProf?: string; timeStamp?: string } = {};
	if (uaProf !== undefined) found.uaProf = uaProf;
	if (timeStamp !== undefined) found.timeStamp = timeStamp;
	return found;
}

function firstHeader(headers: RequestHeaders, names: readonly string[]): string | undefined {
	for (const name of names) {
		const value = headers[name];
		const text = (Array.isArray(value) ? value[0] : value)?.trim();
		if (text) return text;
	}
	return undefined;
}

/** @param taken - elements whose text already has a field */
function extensions(operation: Element, taken: readonly (Element | undefined)[]): Record<string, string> {
	const found: Record<string, string> = Object.create(null);
	for (const element of operation.children) {
		if (!isField(element.name)) collect(element, taken, found);
	}
	return found;
}

function isField(name: string): boolean {
	return FIELD_NAMES.has(name) || FIELD_NAMES.has(name.toLowerCase());
}

/** Puts the texts of an element and of all elements inside it into `found`. */
function collect(element: Element, taken: readonly (Element | undefined)[], found: Record<string, string>): void {
	if (taken.includes(element)) return;
	const key = childText(element, 'key');
	if (key !== undefined) {
		put(found, key, childText(element, 'value') ?? '');
		return;
	}
	const text = sameName(element.name, 'Details') ? allText(element) : element.text;
	if (text !== '' || element.children.length === 0) put(found, element.name, text);
	for (const inner of element.children) collect(inner, taken, found);
}

function allText(element: Element): string {
	return [element.text, ...element.children.map(allText)].filter((text) => text !== '').join(' ');
}

function put(found: Record<string, string>, name: string, text: string): void {
	if (!(name in found)) found[name] = text;
}
