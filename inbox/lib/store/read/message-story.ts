import type { DeliveryState } from 'mm7-delivery-reports';
import type { Database } from '../database.js';
import { toDate } from './to-date.js';

/** Everything that is known of one message to one recipient. */
export interface MessageStory {
	readonly key: string;
	readonly messageId: string;
	readonly state: DeliveryState;
	readonly mmStatus: string;
	readonly final: boolean;
	/** The report that determines the state. */
	readonly reportId: string;
	/** When that report arrived. */
	readonly since: Date;
	/** The newest reports, oldest first. */
	readonly reports: readonly StoryReport[];
	/** How many there are altogether. */
	readonly reportCount: number;
	/** The same MessageID, sent to others. */
	readonly otherRecipients: readonly OtherRecipient[];
}

/** One report, or read reply, with all its fields. Long texts are cut; the XML is there as a file, too. */
export interface StoryReport {
	readonly id: string;
	readonly kind: 'delivery' | 'read';
	readonly receivedAt: Date;
	readonly date: Date | null;
	readonly dateText: string | null;
	readonly state: string;
	readonly mmStatus: string;
	readonly mmStatusExtension: string | null;
	readonly statusText: string | null;
	readonly transactionId: string;
	readonly recipient: Record<string, unknown>;
	readonly sender: Record<string, unknown> | null;
	readonly operator: string | null;
	readonly handset: string | null;
	readonly applicId: string | null;
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
	readonly state: DeliveryState;
}

/** Tells what became of one message. */
export interface MessageStories {
	/** The story of a message; undefined where there is none. */
	read(key: string): Promise<MessageStory | undefined>;
	/** The XML of a report, whole and as it came. */
	xml(reportId: string): Promise<string | undefined>;
}

/** Most reports that are shown of one message, most other recipients, and the longest text and XML. */
const MOST_REPORTS = 100;
const MOST_OTHERS = 50;
const LONGEST = 2000;
const LONGEST_XML = 8000;

/** Makes the queries. */
export function messageStories(database: Database): MessageStories {
	return {
		async read(key) {
			const [message] = await database.query<MessageRow>(MESSAGE_SQL, [key]);
			if (message === undefined) return undefined;
			const [reports, otherRecipients] = await Promise.all([
				database.query<StoryReport>(REPORTS_SQL, [key]),
				database.query<OtherRecipient>(OTHERS_SQL, [key]),
			]);
			return {
				...message,
				final: Boolean(message.final),
				since: toDate(message.since),
				key,
				reports: reports.map(toReport).reverse(),
				otherRecipients,
			};
		},
		async xml(reportId) {
			const sql = 'SELECT xml FROM reports WHERE id = CAST($1 AS bigint)';
			const [row] = await database.query<{ xml: string }>(sql, [reportId]);
			return row?.xml;
		},
	};
}

type MessageRow = Omit<MessageStory, 'key' | 'reports' | 'otherRecipients'>;

/** The database gives objects as JSON or as they are, and times as text or as they are. */
function toReport(row: StoryReport): StoryReport {
	return {
		...row,
		receivedAt: toDate(row.receivedAt),
		date: toDate(row.date),
		recipient: toObject(row.recipient) ?? {},
		sender: toObject(row.sender),
	};
}

function toObject(value: unknown): Record<string, unknown> | null {
	return typeof value === 'string' ? JSON.parse(value) : (value as Record<string, unknown> | null);
}

const MESSAGE_SQL = `
	SELECT substr(message_id, 1, ${LONGEST}) AS "messageId", state AS "state", mm_status AS "mmStatus",
		final AS "final", CAST(report_id AS text) AS "reportId", received_at AS "since",
		(SELECT CAST(count(*) AS integer) FROM reports WHERE message_key = messages.key) AS "reportCount"
	FROM messages WHERE key = $1`;

const cut = (column: string, name: string) => `substr(${column}, 1, ${LONGEST}) AS "${name}"`;

const REPORTS_SQL = `
	SELECT CAST(id AS text) AS "id", kind AS "kind", received_at AS "receivedAt", date AS "date", state AS "state",
		recipient AS "recipient", sender AS "sender",
		${cut('date_text', 'dateText')}, ${cut('mm_status', 'mmStatus')},
		${cut('mm_status_extension', 'mmStatusExtension')}, ${cut('status_text', 'statusText')},
		${cut('transaction_id', 'transactionId')}, ${cut('operator_id', 'operator')},
		${cut(`ua_capabilities ->> 'uaProf'`, 'handset')}, ${cut('applic_id', 'applicId')},
		${cut('reply_applic_id', 'replyApplicId')}, ${cut('aux_applic_info', 'auxApplicInfo')},
		${cut('mms_relay_server_id', 'mmsRelayServerId')}, ${cut('mm7_version', 'mm7Version')},
		${cut('namespace', 'namespace')}, ${cut('CAST(extensions AS text)', 'extensions')},
		substr(xml, 1, ${LONGEST_XML}) AS "xml", length(xml) AS "xmlLength"
	FROM reports WHERE message_key = $1 ORDER BY reports.id DESC LIMIT ${MOST_REPORTS}`;

const OTHERS_SQL = `
	SELECT message.key AS "key", message.state AS "state",
		${cut(`coalesce(report.recipient ->> 'number', report.recipient ->> 'address')`, 'recipient')}
	FROM messages AS this
	JOIN messages AS message ON substr(message.message_id, 1, 200) = substr(this.message_id, 1, 200)
	JOIN reports AS report ON report.id = message.report_id
	WHERE this.key = $1 AND message.message_id = this.message_id AND message.key <> this.key
	ORDER BY message.recipient, message.key LIMIT ${MOST_OTHERS}`;
