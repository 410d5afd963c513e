import { quote, refuseUnknownNames } from '../../checks.js';
import type { Address } from '../../mm7/address.js';
import { classifyMmStatus } from '../../mm7/mm-status.js';
import { MM7_NAMESPACE_BASE, NEWEST_RELEASE } from '../../mm7/namespaces.js';

/** The operations that the kit makes. */
export type Operation = 'DeliveryReportReq' | 'ReadReplyReq';

/** The two releases that Sinch documents. */
export type Mm7Release = '5.3.0' | '6.8.0';

/** An address to send: only `address` is required; the default of `kind` is `Number`. */
export type AddressFields = Pick<Address, 'address'> & Partial<Omit<Address, 'number'>>;

/** Text of an element; `null` or `undefined` leaves the element out. */
type Text = string | null | undefined;

/**
 * The fields of a {@link DeliveryReport} to send. A missing field gets its default. A field that is `undefined` or
 * `null` is left out of the request, because an absent element is read as `undefined`. So you can resend a parsed
 * report, `deliveryReportRequest(report)`, or make an invalid one, `deliveryReportRequest({ messageId: null })`. Empty
 * text makes an empty element.
 */
export interface DeliveryReportFields {
	/** `TransactionID`; without it there is no SOAP Header. Default `20260001`. */
	readonly transactionId?: Text;
	/** Namespace of the report. Default: that of the release. */
	readonly namespace?: Text;
	/** `MM7Version`. Default: the release. */
	readonly mm7Version?: Text;
	/** `MMSRelayServerID`. Default: left out, as are all fields without a default. */
	readonly mmsRelayServerId?: Text;
	/** `MessageID`. Default `480000000000000001`. */
	readonly messageId?: Text;
	/** `Recipient`; text is a `Number`. Default `12015550123`. */
	readonly recipient?: AddressFields | Text;
	/** `Sender`; text is a `Number`, as Sinch sends short codes. Default `54321`. */
	readonly sender?: AddressFields | Text;
	/** `Date`; text is sent unchanged. Default `2026-03-16T14:03:51.749Z`. */
	readonly date?: Date | Text;
	/** `Date` as text, used if `date` is `undefined` or `null`. */
	readonly dateText?: Text;
	/** `MMStatus`. Default `Retrieved`. */
	readonly mmStatus?: Text;
	/** `MMStatusExtension`. */
	readonly mmStatusExtension?: Text;
	/** `StatusText`. Default: `Success` for a delivered message, otherwise the MMStatus, as at Sinch. */
	readonly statusText?: Text;
	/** `ApplicID`. */
	readonly applicId?: Text;
	/** `ReplyApplicID`. */
	readonly replyApplicId?: Text;
	/** `AuxApplicInfo`. */
	readonly auxApplicInfo?: Text;
	/** Attributes of `UACapabilities`. */
	readonly uaCapabilities?: { readonly uaProf?: Text; readonly timeStamp?: Text } | null | undefined;
	/** The header `x-mblox-operator-id`. Default `0001234`. */
	readonly operatorId?: Text;
	/** Key/value pairs of `MessageExtraData` in an `Extension`. */
	readonly extensions?: Readonly<Record<string, string>> | null | undefined;
}

/**
 * The fields of a read reply to send; see {@link DeliveryReportFields}. `mmStatus` defaults to `Read`, `statusText` has
 * no default, and `date` is sent as `TimeStamp`.
 */
export type ReadReplyFields = Omit<DeliveryReportFields, 'mmStatusExtension' | 'uaCapabilities'>;

/** All fields, checked; those that are `undefined` are not sent. */
export interface CompleteFields extends Record<TextField, string | undefined> {
	readonly recipient: AddressFields | undefined;
	readonly sender: AddressFields | undefined;
	readonly date: string | undefined;
	readonly uaCapabilities: { readonly uaProf: string | undefined; readonly timeStamp: string | undefined } | undefined;
	readonly extensions: readonly (readonly [key: string, value: string])[];
}

/** Namespaces of the releases. */
export const RELEASE_NAMESPACES: Readonly<Record<Mm7Release, string>> = {
	'5.3.0': `${MM7_NAMESPACE_BASE}REL-5-MM7-1-0`,
	'6.8.0': NEWEST_RELEASE.namespace,
};

/** Fields that are one element, attribute or header with text. */
const TEXT_FIELDS = [
	'transactionId',
	'namespace',
	'mm7Version',
	'mmsRelayServerId',
	'messageId',
	'mmStatus',
	'mmStatusExtension',
	'statusText',
	'applicId',
	'replyApplicId',
	'auxApplicInfo',
	'operatorId',
] as const;

type TextField = (typeof TEXT_FIELDS)[number];

const FIELDS = [...TEXT_FIELDS, 'recipient', 'sender', 'date', 'dateText', 'uaCapabilities', 'extensions'];

/** Fields that a read reply does not have. */
const REPORT_ONLY = ['mmStatusExtension', 'uaCapabilities', 'final'];

const READ_DEFAULTS: ReadReplyFields = { mmStatus: 'Read', statusText: undefined };

/** Fields of a parsed report that are not sent. */
const DERIVED = ['state', 'final', 'receivedAt'];

/**
 * Adds the defaults to the fields of a report.
 *
 * @throws TypeError for an unknown name or a value that is not text
 */
export function completeFields(
	operation: Operation,
	fields: DeliveryReportFields,
	release: Mm7Release,
): CompleteFields {
	const isReply = operation === 'ReadReplyReq';
	const known = [...FIELDS, ...DERIVED].filter((name) => !isReply || !REPORT_ONLY.includes(name));
	refuseUnknownNames(fields, known, 'field ');
	const given = { ...defaults(release, fields), ...(isReply && READ_DEFAULTS), ...fields };
	const texts = TEXT_FIELDS.map((name) => [name, text(given[name], name)]);
	return {
		...(Object.fromEntries(texts) as Record<TextField, string | undefined>),
		recipient: address(given.recipient, 'recipient'),
		sender: address(given.sender, 'sender'),
		date: dateText(given.date) ?? text(given.dateText, 'dateText'),
		uaCapabilities: given.uaCapabilities
			? {
					uaProf: text(given.uaCapabilities.uaProf, 'uaCapabilities.uaProf'),
					timeStamp: text(given.uaCapabilities.timeStamp, 'uaCapabilities.timeStamp'),
				}
			: undefined,
		extensions: Object.entries(given.extensions ?? {}).map(([key, value]) => [key, text(value, key) ?? '']),
	};
}

function defaults(release: Mm7Release, { mmStatus = 'Retrieved' }: DeliveryReportFields): DeliveryReportFields {
	return {
		transactionId: '20260001',
		namespace: RELEASE_NAMESPACES[release],
		mm7Version: release,
		messageId: '480000000000000001',
		recipient: '12015550123',
		sender: '54321',
		date: '2026-03-16T14:03:51.749Z',
		mmStatus: 'Retrieved',
		statusText: mmStatus !== null && classifyMmStatus(mmStatus).state === 'delivered' ? 'Success' : mmStatus,
		operatorId: '0001234',
	};
}

function text(value: unknown, name: string): string | undefined {
	if (value === undefined || value === null) return undefined;
	if (typeof value !== 'string') throw new TypeError(`field ${name} must be text, not ${quote(value)}`);
	return value;
}

function address(value: AddressFields | Text, name: string): AddressFields | undefined {
	if (typeof value !== 'object') return value === undefined ? undefined : { address: text(value, name) ?? '' };
	return value ?? undefined;
}

function dateText(value: Date | Text): string | undefined {
	if (!(value instanceof Date)) return text(value, 'date');
	if (Number.isNaN(value.getTime())) throw new TypeError('field date must be a valid date');
	return value.toISOString();
}
