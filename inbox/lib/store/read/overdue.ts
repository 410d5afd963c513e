import type { Database } from '../database.js';
import { toDate } from './to-date.js';

/**
 * Why a message is overdue, a certain time after its submission or first report:
 * - `no-report`: your application registered it, and nothing was ever reported about it;
 * - `no-receipt`: the network accepted it, but its last report is not final. Some networks have no receipts from the
 *   handset, so this is the end of their reports.
 */
export type OverdueKind = 'no-report' | 'no-receipt';

/** The conditions on `messages`. Each is that of an index on `(started_at, report_id)`. */
export const OVERDUE_CONDITIONS: Readonly<Record<OverdueKind, string>> = {
	'no-report': `state = 'submitted'`,
	'no-receipt': `NOT final AND state <> 'submitted'`,
};

export const OVERDUE_KINDS = Object.keys(OVERDUE_CONDITIONS) as OverdueKind[];

/** A message that became overdue. */
export interface OverdueMessage {
	readonly key: string;
	readonly kind: OverdueKind;
	/** When it was submitted or, if that is unknown, first reported on. */
	readonly startedAt: Date;
}

/** Finds overdue messages. Nothing about them is stored: a final report takes a message off. */
export interface Overdue {
	/**
	 * Finds messages that are overdue at a time, in the order in which they became overdue. Called again after the last
	 * one, it returns each message once, except one that is registered with a time of submission before the last one.
	 *
	 * @param after - only later ones
	 */
	next(after: Pick<OverdueMessage, 'key' | 'startedAt'>, limit: number, now?: Date): Promise<OverdueMessage[]>;
}

/**
 * Creates the query, which reads one index range of each kind.
 *
 * @param afterMs - the age of an overdue message
 */
export function overdueMessages(database: Database, afterMs: number): Overdue {
	return {
		async next({ startedAt, key }, limit, now = new Date()) {
			const branches = OVERDUE_KINDS.map(
				(kind) => `SELECT * FROM (
					SELECT key, '${kind}' AS kind, started_at AS "startedAt" FROM messages
					WHERE ${OVERDUE_CONDITIONS[kind]} AND started_at >= $1 AND (started_at, key) > ($1, $2) AND started_at < $3
					ORDER BY started_at, key LIMIT ${limit}
				) AS found`,
			);
			const rows = await database.search<OverdueMessage>(
				`${branches.join(' UNION ALL ')} ORDER BY "startedAt", key LIMIT ${limit}`,
				[startedAt, key, new Date(now.getTime() - afterMs)],
			);
			return rows.map((row) => ({ ...row, startedAt: toDate(row.startedAt) }));
		},
	};
}
