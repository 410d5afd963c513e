import type { DeliveryReport, ReadReply } from '../../lib/index.js';

/**
 * The values that every driver sends, by the names of elements and attributes; drivers get them in their environment.
 * The letters reveal wrong decoding.
 */
export const FIELDS = {
	// no emoji: Axis reads headers from a copy that it writes itself, and cannot read emoji in it
	TransactionID: 'interop-Ж-ß',
	MM7Version: '6.8.0',
	MMSRelayServerID: 'relay.example',
	LinkedID: 'łączny <&> "1"',
	MessageID: '0042@relay.example',
	Recipient: '12025550147',
	Sender: '54321',
	Date: '2026-03-01T10:20:30Z',
	MMStatus: 'Rejected',
	MMStatusExtension: 'RejectionByMMSRecipient',
	StatusText: 'Empfänger 受取人 lehnt ab 😀👩‍👧 <&>',
	ApplicID: 'application-é',
	ReplyApplicID: 'reply-ñ',
	AuxApplicInfo: 'aux \' " 한국어',
	UAProf: 'http://handset.example/ua.xml',
	UATimeStamp: '2026-03-01T10:20:00Z',
} as const;

const COMMON = {
	transactionId: FIELDS.TransactionID,
	namespace: 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4',
	mm7Version: FIELDS.MM7Version,
	mmsRelayServerId: FIELDS.MMSRelayServerID,
	messageId: FIELDS.MessageID,
	recipient: {
		kind: 'Number',
		address: FIELDS.Recipient,
		number: FIELDS.Recipient,
		displayOnly: true,
		addressCoding: 'encrypted',
	},
	sender: { kind: 'ShortCode', address: FIELDS.Sender, number: FIELDS.Sender, displayOnly: false },
	date: new Date(FIELDS.Date),
	statusText: FIELDS.StatusText,
	applicId: FIELDS.ApplicID,
	replyApplicId: FIELDS.ReplyApplicID,
	auxApplicInfo: FIELDS.AuxApplicInfo,
	operatorId: undefined,
} as const;

/** The time of arrival, and the date as each stack writes it. */
type NotCompared = 'receivedAt' | 'dateText';

/** The report that the handler has to get, however the stack writes it. */
export const REPORT: Omit<DeliveryReport, NotCompared> = {
	...COMMON,
	mmStatus: FIELDS.MMStatus,
	state: 'failed',
	final: true,
	mmStatusExtension: FIELDS.MMStatusExtension,
	uaCapabilities: { uaProf: FIELDS.UAProf, timeStamp: FIELDS.UATimeStamp },
	extensions: { LinkedID: FIELDS.LinkedID },
};

/** The same for a read reply. */
export const READ_REPLY: Omit<ReadReply, NotCompared> = { ...COMMON, mmStatus: 'Read', state: 'read', extensions: {} };
