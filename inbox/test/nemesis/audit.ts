import { wrongCounts } from '../../lib/store/counters.js';
import type { Database } from '../../lib/store/database.js';
import type { Acknowledged } from './provider.js';

/** Counts of failures. */
export interface Audit {
	/** Acknowledged reports that are not stored. */
	readonly lost: number;
	readonly storedTwice: number;
	/** Messages whose state is not that of their acknowledged final report. */
	readonly regressed: number;
	/** Counters that differ from the messages. */
	readonly miscounted: number;
}

/** Compares the acknowledged reports with the stored ones. */
export async function audit(database: Database, ledger: readonly Acknowledged[]): Promise<Audit> {
	const reports = await database.search<{ id: string }>('SELECT transaction_id AS id FROM reports');
	const messages = await database.search<{ id: string; mmStatus: string }>(
		'SELECT message_id AS id, mm_status AS "mmStatus" FROM messages',
	);
	const stored = new Set(reports.map(({ id }) => id));
	const states = new Map(messages.map(({ id, mmStatus }) => [id, mmStatus]));
	return {
		lost: ledger.filter(({ transactionId }) => !stored.has(transactionId)).length,
		storedTwice: reports.length - stored.size,
		regressed: ledger.filter(
			({ messageId, mmStatus }) => mmStatus !== 'Forwarded' && states.get(messageId) !== mmStatus,
		).length,
		miscounted: (await wrongCounts(database)).length,
	};
}
