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
