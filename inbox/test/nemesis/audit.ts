import type { Database } from '../../lib/store/database.js';
import type { Acknowledged } from './provider.js';

/** What must not have happened. */
export interface Audit {
	/** Reports that were acknowledged and are not there. */
	readonly lost: number;
	readonly storedTwice: number;
	/** Messages whose final report is acknowledged, and whose state is not that. */
	readonly goneBack: number;
}

/** Compares what was acknowledged with what is stored. */
export async function audit(database: Database, ledger: readonly Acknowledged[]): Promise<Audit> {
	const reports = await database.query<{ id: string }>('SELECT transaction_id AS id FROM reports');
	const messages = await database.query<{ id: string; word: string }>(
		'SELECT message_id AS id, mm_status AS word FROM messages',
	);
	const stored = new Set(reports.map(({ id }) => id));
	const states = new Map(messages.map(({ id, word }) => [id, word]));
	return {
		lost: ledger.filter(({ transactionId }) => !stored.has(transactionId)).length,
		storedTwice: reports.length - stored.size,
		goneBack: ledger.filter(({ messageId, mmStatus }) => mmStatus !== 'Forwarded' && states.get(messageId) !== mmStatus)
			.length,
	};
}
