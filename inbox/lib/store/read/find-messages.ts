import type { DeliveryState } from 'mm7-delivery-reports';
import type { Database, Statement } from '../database.js';
import { Conditions } from './conditions.js';
import type { Cursor, Filters } from './filters.js';
import { toDate } from './to-date.js';

/** A message as the list shows it: with the report that says its state. Long texts are cut. */
export interface ListedMessage extends Cursor {
	/** Of the message, for its page. */
	readonly key: string;
	/** Of the report; a text, for it may outgrow a JavaScript number. */
	readonly reportId: string;
	/** When the report came. */
	readonly at: Date;
	readonly state: DeliveryState;
	readonly mmStatus: string;
	readonly messageId: string;
	readonly recipient: string;
	readonly sender: string | null;
	readonly operator: string | null;
	readonly statusText: string | null;
	readonly transactionId: string;
}

/** A number of messages; `more`: there are more than that. */
export interface Count {
	readonly count: number;
	readonly more: boolean;
}

/** What is asked for. */
export interface MessageSearch {
	readonly filters: Filters;
	/** Only what comes after this in the list. */
	readonly before?: Cursor | undefined;
	/** Only what came at this moment or later. */
	readonly since?: Date | undefined;
}

/** Finds messages; those come first whose state changed last. */
export interface FindMessages {
	find(search: MessageSearch, limit: number): Promise<ListedMessage[]>;
	count(filters: Filters): Promise<Count>;
}

/** Beyond this nobody counts. */
export const MOST_COUNTED = 1000;
/** Longest text in the list. */
const LONGEST = 200;

/** What a place in the list is, and which are first. */
const PLACES = 'SELECT received_at, report_id FROM messages';
const ORDER = 'ORDER BY received_at DESC, report_id DESC';

/** Makes the queries. */
export function findMessages(database: Database): FindMessages {
	/**
	 * A text that few messages have is looked up in the indexes of its ends; one that many have is found sooner on the
	 * way through all messages.
	 */
	async function isRare(text: string): Promise<boolean> {
		const conditions = new Conditions({}, new Date());
		const counts = conditions.ends(text).map(
			({ key, condition }) => `(SELECT count(*) FROM (
				SELECT ${key} AS found FROM messages WHERE ${condition} ORDER BY ${key} LIMIT ${MOST_COUNTED}
			) AS found)`,
		);
		const sql = `SELECT CAST(${counts.join(' + ')} AS integer) AS count`;
		const [row] = await database.query<{ count: number }>(sql, conditions.values);
		return (row?.count ?? 0) < MOST_COUNTED;
	}

	/** A SELECT of the places of the messages in the list; it gets by with what is in the indexes where it can. */
	async function selection({ filters, before, since }: MessageSearch, limit: number): Promise<Required<Statement>> {
		const { text } = filters;
		const conditions = new Conditions(filters, new Date());
		if (before) conditions.after(before);
		if (since) conditions.and(`received_at >= ${conditions.parameter(since)}`);
		const ends = text === '' ? [] : conditions.ends(text);
		if (ends.length > 0 && (await isRare(text))) {
			// UNION leaves out what is found by two ends
			const found = ends.map(({ condition }) => `${PLACES} ${conditions.where(condition)}`);
			return { sql: `${found.join(' UNION ')} ${ORDER} LIMIT ${limit}`, values: conditions.values };
		}
		if (ends.length > 0) {
			// IS TRUE keeps the databases from collecting all that is found by the ends, to sort it afterwards
			conditions.and(`(${ends.map(({ condition }) => `(${condition})`).join(' OR ')}) IS TRUE`);
		}
		return { sql: `${PLACES} ${conditions.where()} ${ORDER} LIMIT ${limit}`, values: conditions.values };
	}

	return {
		async find(search, limit) {
			const { sql, values } = await selection(search, limit);
			const rows = await database.query<ListedMessage>(listSql(sql), values);
			return rows.map((row) => ({ ...row, at: toDate(row.at) }));
		},
		async count(filters) {
			const { sql, values } = await selection({ filters }, MOST_COUNTED + 1);
			const [row] = await database.query<{ count: number }>(
				`SELECT CAST(count(*) AS integer) AS count FROM (${sql}) AS found`,
				values,
			);
			const count = row?.count ?? 0;
			return { count: Math.min(count, MOST_COUNTED), more: count > MOST_COUNTED };
		},
	};
}

/** @param places - of the messages to be listed */
function listSql(places: string): string {
	const cut = (column: string, name: string) => `substr(${column}, 1, ${LONGEST}) AS "${name}"`;
	return `
		WITH place AS (${places})
		SELECT message.key AS "key", CAST(place.report_id AS text) AS "reportId", place.received_at AS "at",
			message.state AS "state", message.mm_status AS "mmStatus", message.operator_id AS "operator",
			${cut('message.message_id', 'messageId')},
			${cut(`coalesce(report.recipient ->> 'number', report.recipient ->> 'address')`, 'recipient')},
			${cut(`coalesce(report.sender ->> 'number', report.sender ->> 'address')`, 'sender')},
			${cut('report.status_text', 'statusText')},
			${cut('report.transaction_id', 'transactionId')}
		FROM place
		JOIN messages AS message ON message.report_id = place.report_id
		JOIN reports AS report ON report.id = place.report_id
		ORDER BY place.received_at DESC, place.report_id DESC`;
}
