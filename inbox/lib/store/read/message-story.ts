import type { Database } from '../database.js';
import { type MessageState, messageKeyOf, reportKeyRange } from '../report-row.js';
import { decompressXml } from '../xml-codec.js';
import { toDate } from './to-date.js';

/** Everything known about one message to one recipient. */
export interface MessageStory {
	readonly key: string;
	readonly messageId: string;
	readonly provider: string;
	/** The key of its sender, which may have been registered. */
	readonly senderKey: string | null;
	readonly state: MessageState;
	readonly mmStatus: string;
	readonly final: boolean;
	/** The report that determines the state. */
	readonly reportId: string;
	/** When that report arrived. */
	readonly since: Date;
	/** When it was submitted, if that is certain: registered, or in a report of a provider that says so. */
	readonly submittedAt: Date | null;
	/** Your application's own id of the message. */
	readonly reference: string | null;
	/** What your application registered about it; `date` is the time of submission. */
	readonly submission: StoryReport | undefined;
	/** The newest reports, oldest first. */
	readonly reports: readonly StoryReport[];
	/** The total number of reports. */
	readonly reportCount: number;
	/** Other recipients of the same MessageID. */
	readonly otherRecipients: readonly OtherRecipient[];
}

/** One delivery report, read reply or registration of a message. Long texts are truncated. */
export interface StoryReport {
	readonly id: string;
	readonly kind: 'delivery' | 'read' | 'submission';
	readonly receivedAt: Date;
	readonly date: Date | null;
	readonly dateText: string | null;
	readonly state: string;
	readonly mmStatus: string;
	readonly mmStatusExtension: string | null;
	readonly statusText: string | null;
	readonly transactionId: string;
	readonly recipient: StoryAddress;
	readonly sender: StoryAddress | null;
	readonly operator: string | null;
	readonly handset: string | null;
	readonly applicId: string | null;
}

/** An address and the number in it. */
export interface StoryAddress {
	readonly address: string;
	readonly number: string | null;
}

/** A report with all its fields. Its XML can also be downloaded. */
export interface WholeReport extends StoryReport {
	/** The key of its message. */
	readonly messageKey: string;
	readonly replyApplicId: string | null;
	readonly auxApplicInfo: string | null;
	readonly mmsRelayServerId: string | null;
	readonly mm7Version: string | null;
	readonly namespace: string | null;
	readonly extensions: string;
	readonly xml: string;
	readonly xmlLength: number;
}

/** Another recipient of a message. */
export interface OtherRecipient {
	readonly key: string;
	readonly recipient: string;
	readonly state: MessageState;
}

/** Returns the status of one message. */
export interface MessageStories {
	/** Returns a message's story; undefined if there is none. */
	read(key: string): Promise<MessageStory | undefined>;
	/** Returns a report with all its fields; undefined if there is none. */
	report(id: string): Promise<WholeReport | undefined>;
	/** Returns a report's XML, complete and unchanged. */
	xml(reportId: string): Promise<string | undefined>;
}

/** The most reports to show for one message, and the most other recipients. */
const MAX_REPORTS = 100;
const MAX_OTHERS = 50;
/** Maximum lengths: of a text in a list of reports, of a text in a single report, and of its XML. */
const MAX_TEXT_LENGTH = 300;
const MAX_WHOLE_TEXT_LENGTH = 2000;
const MAX_XML_LENGTH = 8000;

/** Creates the queries. */
export function messageStories(database: Database): MessageStories {
	return {
		async read(key) {
			const [message] = await database.query<MessageRow>(MESSAGE_SQL, [key, ...reportKeyRange(key)]);
			if (message === undefined) return undefined;
			const [reports, [submission], otherRecipients] = await Promise.all([
				database.query<StoryRow>(REPORTS_SQL, reportKeyRange(key)),
				database.query<StoryRow>(SUBMISSION_SQL, reportKeyRange(key)),
				database.query<OtherRecipient>(OTHERS_SQL, [key]),
			]);
			return {
				...message,
				final: Boolean(message.final),
				since: toDate(message.since),
				submittedAt: toDate(message.submittedAt),
				key,
				submission: submission && toReport(submission),
				reports: reports.map(toReport).reverse(),
				otherRecipients,
			};
		},
		async report(id) {
			const [row] = await database.query<StoryRow & WholeReport & StoredXml & { duplicateKey: string }>(
				WHOLE_REPORT_SQL,
				[id],
			);
			if (row === undefined) return undefined;
			const xml = decompressXml(row.bytes, row.dictionary);
			return {
				...toReport(row),
				messageKey: messageKeyOf(row.duplicateKey),
				xml: xml.slice(0, MAX_XML_LENGTH),
				xmlLength: xml.length,
			};
		},
		async xml(reportId) {
			const sql = `SELECT ${XML} FROM reports WHERE id = CAST($1 AS bigint)`;
			const [row] = await database.query<StoredXml>(sql, [reportId]);
			return row && decompressXml(row.bytes, row.dictionary);
		},
	};
}

/** The drivers return different types for bytes. */
interface StoredXml {
	readonly bytes: Uint8Array | ArrayBuffer;
	readonly dictionary: number;
}

const XML = 'xml AS "bytes", xml_dictionary AS "dictionary"';

type MessageRow = Omit<MessageStory, 'key' | 'submission' | 'reports' | 'otherRecipients'>;

/** A report as the database returns it. */
type StoryRow = Omit<StoryReport, 'recipient' | 'sender'> & AddressColumns;

interface AddressColumns {
	readonly recipientAddress: string;
	readonly recipientNumber: string | null;
	readonly senderAddress: string | null;
	readonly senderNumber: string | null;
}

function toReport<Row extends StoryRow>(row: Row): Omit<Row, keyof AddressColumns> & StoryReport {
	const { recipientAddress, recipientNumber, senderAddress, senderNumber, ...rest } = row;
	return {
		...rest,
		receivedAt: toDate(row.receivedAt),
		date: toDate(row.date),
		recipient: { address: recipientAddress, number: recipientNumber },
		sender: senderAddress === null ? null : { address: senderAddress, number: senderNumber },
	};
}

const MESSAGE_SQL = `
	SELECT substr(message_id, 1, ${MAX_WHOLE_TEXT_LENGTH}) AS "messageId", provider AS "provider",
		sender AS "senderKey", state AS "state", mm_status AS "mmStatus",
		final AS "final", CAST(report_id AS text) AS "reportId", received_at AS "since",
		submitted_at AS "submittedAt", reference AS "reference", (
			SELECT CAST(count(*) AS integer) FROM reports
			WHERE duplicate_key >= $2 AND duplicate_key < $3 AND kind <> 'submission'
		) AS "reportCount"
	FROM messages WHERE key = $1`;

/** Columns of a SELECT, truncated to a length. */
function texts(columns: Readonly<Record<string, string>>, maxLength: number): string {
	return Object.entries(columns)
		.map(([name, column]) => `substr(${column}, 1, ${maxLength}) AS "${name}"`)
		.join(', ');
}

const TEXTS = {
	recipientAddress: `recipient ->> 'address'`,
	recipientNumber: `recipient ->> 'number'`,
	senderAddress: `sender ->> 'address'`,
	senderNumber: `sender ->> 'number'`,
	dateText: 'date_text',
	mmStatus: 'mm_status',
	mmStatusExtension: 'mm_status_extension',
	statusText: 'status_text',
	transactionId: 'transaction_id',
	operator: 'operator_id',
	handset: `ua_capabilities ->> 'uaProf'`,
	applicId: 'applic_id',
};
const MORE_TEXTS = {
	replyApplicId: 'reply_applic_id',
	auxApplicInfo: 'aux_applic_info',
	mmsRelayServerId: 'mms_relay_server_id',
	mm7Version: 'mm7_version',
	namespace: 'namespace',
	extensions: 'CAST(extensions AS text)',
};
const OTHER_COLUMNS =
	'CAST(id AS text) AS "id", kind AS "kind", received_at AS "receivedAt", date AS "date", state AS "state"';

const STORY_SQL = `
	SELECT ${OTHER_COLUMNS}, ${texts(TEXTS, MAX_TEXT_LENGTH)}
	FROM reports WHERE duplicate_key >= $1 AND duplicate_key < $2`;

const REPORTS_SQL = `${STORY_SQL} AND kind <> 'submission' ORDER BY reports.id DESC LIMIT ${MAX_REPORTS}`;

/** Of several registrations, the one that determines the state before the first report. */
const SUBMISSION_SQL = `${STORY_SQL} AND kind = 'submission' ORDER BY reports.received_at DESC, reports.id LIMIT 1`;

const WHOLE_REPORT_SQL = `
	SELECT ${OTHER_COLUMNS}, duplicate_key AS "duplicateKey", ${texts({ ...TEXTS, ...MORE_TEXTS }, MAX_WHOLE_TEXT_LENGTH)},
		${XML}
	FROM reports WHERE id = CAST($1 AS bigint)`;

const OTHERS_SQL = `
	SELECT message.key AS "key", message.state AS "state",
		${texts({ recipient: `coalesce(report.recipient ->> 'number', report.recipient ->> 'address')` }, MAX_TEXT_LENGTH)}
	FROM messages AS this
	JOIN messages AS message ON substr(message.message_id, 1, 200) = substr(this.message_id, 1, 200)
	JOIN reports AS report ON report.id = message.report_id
	WHERE this.key = $1 AND message.message_id = this.message_id AND message.provider = this.provider
		AND message.key <> this.key
	ORDER BY message.recipient, message.key LIMIT ${MAX_OTHERS}`;
