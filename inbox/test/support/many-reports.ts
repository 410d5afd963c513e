import type { DeliveryReport, DeliveryState } from 'mm7-delivery-reports';
import type { Database } from '../../lib/store/database.js';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { report } from './report-request.js';

const DAY = 24 * 3_600_000;
/** The outcomes of messages, in realistic proportions. */
const ENDS: readonly [string, DeliveryState, boolean][] = [
	...Array.from({ length: 16 }, (): [string, DeliveryState, boolean] => ['Retrieved', 'delivered', true]),
	['Expired', 'failed', true],
	['Rejected', 'failed', true],
	['Deferred', 'pending', false],
	['Indeterminate', 'unknown', true],
];

/**
 * Stores three months of reports through the repository. A tenth are second reports about a message.
 *
 * @returns the last one
 */
export async function storeMany(database: Database, count: number, now: number): Promise<DeliveryReport> {
	const reports = new ReportRepository(database);
	const sample = await report();
	let last = sample;
	for (let start = 0; start < count; start += 1000) {
		const group = Array.from({ length: 1000 }, (_, index) => manyOf(sample, start + index, count, now));
		await Promise.all(group.map((one) => reports.store(one, { xml: '<Envelope/>' })));
		last = group.at(-1) ?? last;
	}
	return last;
}

function manyOf(sample: DeliveryReport, n: number, count: number, now: number): DeliveryReport {
	const message = n % 10 === 9 ? n - 1 : n;
	// scattered, so that neighbors in time are not neighbors in the indexes
	const scattered = String((message * 7_654_321) % 1_000_000_007).padStart(10, '0');
	const [mmStatus, state, final] = ENDS[n % ENDS.length] as [string, DeliveryState, boolean];
	return {
		...sample,
		transactionId: `many-${n}`,
		messageId: `48${scattered}${String(message).padStart(6, '0')}`,
		recipient: { kind: 'Number', address: `+1${scattered}`, number: `1${scattered}` },
		mmStatus,
		state,
		final,
		operatorId: String(31_000 + (message % 9)),
		date: undefined,
		dateText: undefined,
		receivedAt: new Date(now - 90 * DAY + (90 * DAY * (n + 1)) / count),
	} as DeliveryReport;
}
