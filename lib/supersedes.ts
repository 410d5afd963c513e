import type { DeliveryReport } from './mm7/messages.js';

/** The fields that decide. A database row can store them unchanged, with NULL for a missing date. */
export type RankedReport = Pick<DeliveryReport, 'state' | 'final' | 'mmStatus' | 'transactionId'> & {
	readonly date?: Date | null | undefined;
};

/**
 * Decides which of two reports about the same message and recipient determines its state. Keep the report that no other
 * supersedes: it is the same one in any order of arrival, copies included.
 *
 * The first difference decides: the greater {@link certaintyOf}, the later `date` (a missing one is the earliest), the
 * greater `mmStatus`, the greater `transactionId`. Text is compared by its UTF-8 bytes, as SQLite does by default and
 * PostgreSQL with `COLLATE "C"`.
 *
 * @returns false if none differs
 */
export function supersedes(report: RankedReport, kept: RankedReport): boolean {
	const difference =
		certaintyOf(report) - certaintyOf(kept) ||
		timeOf(report) - timeOf(kept) ||
		compareText(report.mmStatus, kept.mmStatus) ||
		compareText(report.transactionId, kept.transactionId);
	return difference > 0;
}

/**
 * Ranks what a report says about its message, for a database that keeps the state itself.
 *
 * @returns 3: delivered; 2: failed; 1: the operator will never know; 0: another report is expected
 */
export function certaintyOf({ state, final }: Pick<RankedReport, 'state' | 'final'>): 0 | 1 | 2 | 3 {
	if (!final) return 0;
	if (state === 'delivered') return 3;
	return state === 'failed' ? 2 : 1;
}

function timeOf({ date }: RankedReport): number {
	return date?.getTime() ?? Number.MIN_SAFE_INTEGER;
}

/** Not by `<`, which compares UTF-16: a character beyond U+FFFF would come before U+E000. */
function compareText(one: string, other: string): number {
	return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
