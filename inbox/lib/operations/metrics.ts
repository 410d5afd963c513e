import type { DeliveryReport, Exchange, ReadReply } from 'mm7-delivery-reports';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { StoreResult } from '../store/report-repository.js';

type Outcome = StoreResult | 'queued' | 'failed';

/** The metrics of one process. */
export type Metrics = ReturnType<typeof makeMetrics>;

/** In seconds; the provider waits ten. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8, 10];

/**
 * Makes the metrics. No label contains text from a request, so clients cannot add series.
 *
 * @param viewers - the number of pages that get live updates
 */
export function makeMetrics(viewers: () => number) {
	const registry = new Registry();
	const registers = [registry];
	collectDefaultMetrics({ register: registry });

	const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
		new Counter({ name, help, labelNames, registers });

	const reports = counter(
		'mm7_reports_total',
		'Delivery reports by state and outcome: current, superseded, duplicate or failed; or queued, to be counted again by a worker.',
		'state',
		'outcome',
	);
	const readReplies = counter(
		'mm7_read_replies_total',
		'Read replies by state (read, deleted or unknown) and outcome.',
		'state',
		'outcome',
	);
	const responses = counter(
		'mm7_responses_total',
		'Responses by HTTP status; "none" if the client had disconnected.',
		'http_status',
	);
	const errors = counter('mm7_errors_total', 'Requests that were not accepted, by error code.', 'code');
	const late = counter(
		'mm7_late_results_total',
		'Reports stored after their deadline, when a retry had been requested.',
	);
	const unreadable = counter('mm7_unreadable_total', 'Unreadable requests that were stored.');
	const dropped = counter(
		'mm7_unreadable_dropped_total',
		'Unreadable requests that were not stored, because there were too many at a time or the database failed.',
	);
	const rejected = counter(
		'mm7_http_rejected_total',
		'Requests rejected before they reached the receiver, by reason: a code of the HTTP parser, HOST_MISSING or WRONG_PATH.',
		'reason',
	);
	const duration = new Histogram({
		name: 'mm7_request_duration_seconds',
		help: 'Seconds from the arrival of a request to its response.',
		buckets: BUCKETS,
		registers,
	});
	new Gauge({
		name: 'mm7_inbox_viewers',
		help: 'Open pages that get live updates.',
		registers,
		collect() {
			this.set(viewers());
		},
	});

	function countReport(report: DeliveryReport | ReadReply, outcome: Outcome): void {
		('final' in report ? reports : readReplies).inc({ state: report.state, outcome });
	}

	return {
		registry,
		/** Counts a report that a worker has stored from the queue. */
		storedFromQueue(report: DeliveryReport | ReadReply, stored: StoreResult): void {
			countReport(report, stored);
		},
		/** Counts a request and its response. */
		observe(exchange: Exchange, stored: Outcome | undefined): void {
			const { report, readReply, error, httpStatus, durationMs } = exchange;
			if (exchange.late) {
				late.inc();
				return;
			}
			responses.inc({ http_status: httpStatus ?? 'none' });
			duration.observe(durationMs / 1000);
			if (error) errors.inc({ code: error.code });
			const handled = report ?? readReply;
			if (handled) countReport(handled, stored ?? 'failed');
		},
		/** Counts an unreadable request that was stored. */
		unreadableKept: () => unreadable.inc(),
		/** Counts one that was not stored, because there were too many at a time or the database failed. */
		unreadableDropped: () => dropped.inc(),
		/**
		 * Counts a request that was rejected before it reached the receiver.
		 *
		 * @param reason - one of a fixed set
		 */
		httpRejected: (reason: string) => rejected.inc({ reason }),
	};
}
