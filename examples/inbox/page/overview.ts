import type { ListedReport, ReportRepository, StateCounts } from '../reports/report-repository.js';
import type { UnreadableRepository } from '../reports/unreadable-repository.js';

/** What the page shows before anybody searches. */
export interface Overview {
	readonly counts: StateCounts;
	readonly unreadable: number;
	/** The newest reports, newest first. */
	readonly reports: readonly ListedReport[];
}

/** How many reports the page shows at a time. */
export const PAGE_SIZE = 50;

/** Reads the overview. */
export async function readOverview(reports: ReportRepository, unreadable: UnreadableRepository): Promise<Overview> {
	const [counts, kept, latest] = await Promise.all([reports.counts(), unreadable.count(), reports.latest(PAGE_SIZE)]);
	return { counts, unreadable: kept, reports: latest };
}
