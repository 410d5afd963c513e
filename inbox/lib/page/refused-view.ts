import { readId } from '../store/read/filters.js';
import type { RefusedFilter } from '../store/read/refused.js';

/** What the page of refused requests shows, as its URL says. */
export interface RefusedView extends RefusedFilter {
	/** The number of days that are summed up. */
	readonly days: number;
}

const SPANS = [1, 30] as const;
const MAX_REASON_LENGTH = 100;

/** @throws BadUrl */
export function readRefusedView(params: URLSearchParams): RefusedView {
	return {
		reason: params.get('reason')?.slice(0, MAX_REASON_LENGTH) || undefined,
		before: readId(params, 'before'),
		days: SPANS.find((days) => String(days) === params.get('days')) ?? SPANS[0],
	};
}

/** The relative URL of a view. */
export function refusedUrl({ reason, before, days = SPANS[0] }: Partial<RefusedView>): string {
	const params = new URLSearchParams({
		...(reason !== undefined && { reason }),
		...(days !== SPANS[0] && { days: String(days) }),
		...(before !== undefined && { before }),
	});
	return params.size > 0 ? `refused?${params}` : 'refused';
}
