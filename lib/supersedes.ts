import type { DeliveryReport } from './mm7/reports.js';

/**
 * Whether a report says what the state of its message is, rather than another report about the same message and
 * recipient. Reports arrive in any order and several times: keep the one that no other supersedes.
 *
 * Decided by certainty (a final report before one that announces another, a known state before an unknown one), then
 * by `date`, then by `receivedAt`. Providers differ in what `date` means: at Sinch it is when the message was
 * submitted, the same in every report, so that certainty and arrival decide.
 *
 * @returns false where the two say the same of everything that decides, as copies do
 */
export function supersedes(report: RankedReport, other: RankedReport): boolean {
	const ranks = [
		[certaintyOf(report), certaintyOf(other)],
		[dateOf(report), dateOf(other)],
		[report.receivedAt.getTime(), other.receivedAt.getTime()],
	] as const;
	const deciding = ranks.find(([one, another]) => one !== another);
	return deciding !== undefined && deciding[0] > deciding[1];
}

/** What decides: a row of a database may have it too. */
export type RankedReport = Pick<DeliveryReport, 'state' | 'final' | 'date' | 'receivedAt'>;

/**
 * How certain a report is of the end of its message, for a database that keeps the state by itself: sort by this, then
 * by `date ?? receivedAt`, then by `receivedAt`, and keep the greatest.
 *
 * @returns 2: certain; 1: the operator will never know; 0: another report is to be expected
 */
export function certaintyOf(report: RankedReport): 0 | 1 | 2 {
	if (!report.final) return 0;
	return report.state === 'unknown' ? 1 : 2;
}

function dateOf({ date, receivedAt }: RankedReport): number {
	return (date ?? receivedAt).getTime();
}
