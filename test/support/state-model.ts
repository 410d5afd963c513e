import fc from 'fast-check';
import { classifyMmStatus } from '../../lib/mm7/mm-status.js';
import type { RankedReport } from '../../lib/supersedes.js';

/** Statuses of every class; some differ only in case, or sort differently in UTF-16 and UTF-8. */
const CLASSES = [
	['Forwarded', 'Deferred', 'deferred', 'Blue', '\u{1F600}', '\uFF5E'],
	['Indeterminate', 'INDETERMINATE'],
	['Expired', 'expired', 'Rejected', 'System Rejected'],
	['Retrieved', 'RETRIEVED', 'Delivered'],
];
const TRANSACTION_IDS = ['1', '10', '9', 'a', 'A', '\u{1F600}', '\uFF5E', '\uE000'];
const DATES = ['0100-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'];

/** Reports about one message, with few distinct values, so that ties are frequent. */
export const anyReport: fc.Arbitrary<RankedReport> = fc
	.record({
		mmStatus: fc.constantFrom(...CLASSES.flat()),
		transactionId: fc.constantFrom(...TRANSACTION_IDS),
		date: fc.option(fc.constantFrom(...DATES.map((text) => new Date(text))), { nil: undefined }),
	})
	.map((report) => ({ ...report, ...classifyMmStatus(report.mmStatus) }));

/** The reports of one message, and the order in which they arrive, each at least once. */
export const anyArrivals: fc.Arbitrary<[reports: RankedReport[], arrivals: RankedReport[]]> = fc
	.array(anyReport, { minLength: 1, maxLength: 6 })
	.chain((reports) =>
		fc
			.array(fc.constantFrom(...reports), { maxLength: 6 })
			.chain((copies) => fc.shuffledSubarray([...reports, ...copies], { minLength: reports.length + copies.length }))
			.map((arrivals) => [reports, arrivals]),
	);

/** The report that determines the state, by the documented rule and independently of the implementation. */
export function greatestOf(reports: readonly RankedReport[]): RankedReport {
	const [greatest] = [...reports].sort((one, other) => compare(keyOf(other), keyOf(one)));
	if (!greatest) throw new Error('There is no report');
	return greatest;
}

function keyOf({ mmStatus, date, transactionId }: RankedReport): number[] {
	const characters = (text: string) => [...text, '\0'].map((character) => character.codePointAt(0) ?? 0);
	return [
		CLASSES.findIndex((words) => words.includes(mmStatus)),
		...(date ? [1, date.getTime()] : [0, 0]),
		...characters(mmStatus),
		...characters(transactionId),
	];
}

function compare(one: readonly number[], other: readonly number[]): number {
	const place = one.findIndex((value, index) => value !== other[index]);
	return place === -1 ? 0 : (one[place] ?? 0) - (other[place] ?? 0);
}
