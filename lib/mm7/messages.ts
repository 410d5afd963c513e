import type { Address } from './address.js';
import type { DeliveryState, ReadState } from './mm-status.js';

/** A SOAP message with any MM7 operation, as `req.mm7Envelope` holds it. */
export interface Mm7Envelope {
	/** Local name of the operation in the SOAP Body, as sent: `DeliveryReportReq` for a report. */
	readonly operation: string;
	/** `TransactionID` of the SOAP Header, trimmed; `undefined` if it is missing or empty. */
	readonly transactionId: string | undefined;
	/** Namespace URI of the operation element, trimmed; `undefined` if it has none. */
	readonly namespace: string | undefined;
	/** `MM7Version` of the operation as sent, `6.8.0`. */
	readonly mm7Version: string | undefined;
	/** The whole SOAP part as text. */
	readonly xml: string;
}

/**
 * A provider's report about one message and one recipient: the `DeliveryReportReq` of TS 23.140.
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
	readonly mmsRelayServerId: string | undefined;
	/** `MessageID`: the id that the provider gave when the message was submitted. */
	readonly messageId: string;
	/** `Recipient`: the handset. */
	readonly recipient: Address;
	/** `Sender`: the short code or number of the business. */
	readonly sender: Address | undefined;
	/** `Date` (some relays: `TimeStamp`), UTC if it has no zone; `undefined` if it is missing or ambiguous. */
	readonly date: Date | undefined;
	/** The date as sent. */
	readonly dateText: string | undefined;
	/** `MMStatus` as sent, `Retrieved`. */
	readonly mmStatus: string;
	/** The class of `mmStatus`. */
	readonly state: DeliveryState;
	/** False if a later report about the same message and recipient is expected. */
	readonly final: boolean;
	/** `MMStatusExtension`: who rejected the message. */
	readonly mmStatusExtension: string | undefined;
	/** `StatusText`: free text about the status. */
	readonly statusText: string | undefined;
	readonly applicId: string | undefined;
	readonly replyApplicId: string | undefined;
	readonly auxApplicInfo: string | undefined;
	/** Attributes or child elements of `UACapabilities`, or else the `UAProf` request header. */
	readonly uaCapabilities: { readonly uaProf?: string; readonly timeStamp?: string } | undefined;
	/** The operator, from the header `x-mblox-operator-id` or one of its siblings. */
	readonly operatorId: string | undefined;
	/**
	 * All other elements of the report: texts by local name, `Details`, and the key/value pairs of `MessageExtraData`. The
	 * first of each name wins. Null prototype.
	 */
	readonly extensions: Readonly<Record<string, string>>;
	/** When the request was read, by the clock of this machine. */
	readonly receivedAt: Date;
}

/**
 * A provider's report that a message was read: the `ReadReplyReq` of TS 23.140. Its fields are those of a
 * {@link DeliveryReport}, but it says nothing about the delivery.
 */
export interface ReadReply extends Omit<DeliveryReport, 'state' | 'final' | 'mmStatusExtension' | 'uaCapabilities'> {
	/** `TimeStamp` (some relays: `Date`), UTC if it has no zone; `undefined` if it is missing or ambiguous. */
	readonly date: Date | undefined;
	/** `MMStatus` as sent, `Read`. */
	readonly mmStatus: string;
	/** The class of `mmStatus`. */
	readonly state: ReadState;
}
