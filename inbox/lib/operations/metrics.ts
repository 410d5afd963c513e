import type { DeliveryReport, Exchange, ReadReply } from 'mm7-delivery-reports';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { StoreResult } from '../store/report-repository.js';

type Outcome = StoreResult | 'queued' | 'failed';

/** The measurements of one process. */
export interface Metrics {
	readonly registry: Registry;
	/** Counts a request and its answer. */
	observe(exchange: Exchange, stored: Outcome | undefined): void;
	/** Counts a report of the queue that a worker has stored. */
	storedFromQueue(report: DeliveryReport | ReadReply, stored: StoreResult): void;
	/** Counts a request that was kept because it could not be read. */
	unreadableKept(): void;
	/**
	 * Counts a request that was rejected before it reached the receiver.
	 *
	 * @param reason - from a fixed set
	 */
	httpRejected(reason: string): void;
	/** Counts one that was not kept, because many came at the same time or the database failed. */
	unreadableDropped(): void;
}

/** Seconds; the provider waits ten. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8, 10];

/**
 * Makes the metrics. No label holds text of a request, so that nobody can add series from outside.
 *
 * @param viewers - how many pages are being kept up to date
 */
export function makeMetrics(viewers: () => number): Metrics {
	const registry = new Registry();
	const registers = [registry];
	collectDefaultMetrics({ register: registry });

	const reports = new Counter({
		name: 'mm7_reports_total',
		help: 'Delivery reports by their state and by what happened to them: current, superseded, duplicate, failed; queued, to be counted again by a worker.',
		labelNames: ['state', 'outcome'],
		registers,
	});
	const readReplies = new Counter({
		name: 'mm7_read_replies_total',
		help: 'Read replies, in the same way: their state is read, deleted or unknown.',
		labelNames: ['state', 'outcome'],
		registers,
	});
	const answers = new Counter({
		name: 'mm7_answers_total',
		help: 'Answers by HTTP status; "none" where nobody was left to be answered.',
		labelNames: ['http_status'],
		registers,
	});
	const errors = new Counter({
		name: 'mm7_errors_total',
		help: 'Requests that were not accepted, by error code.',
		labelNames: ['code'],
		registers,
	});
	const duration = new Histogram({
		name: 'mm7_request_duration_seconds',
		help: 'Seconds from the arrival of a request to its answer.',
		buckets: BUCKETS,
		registers,
	});
	const late = new Counter({
		name: 'mm7_late_results_total',
		help: 'Reports that were written after their deadline, when the provider had been told to send again.',
		registers,
	});
	const unreadable = new Counter({
		name: 'mm7_unreadable_total',
		help: 'Requests kept because they could not be read as delivery reports.',
		registers,
	});
	const dropped = new Counter({
		name: 'mm7_unreadable_dropped_total',
		help: 'Requests that could not be read and were not kept: too many at one time, or the database failed.',
		registers,
	});
	const rejected = new Counter({
		name: 'mm7_http_rejected_total',
		help: 'Requests rejected before they reached the receiver, by reason: a code of the HTTP parser, HOST_MISSING, WRONG_PATH.',
		labelNames: ['reason'],
		registers,
	});
	new Gauge({
		name: 'mm7_inbox_viewers',
		help: 'Pages that are being kept up to date.',
		registers,
		collect() {
			this.set(viewers());
		},
	});

	function count(report: DeliveryReport | ReadReply, outcome: Outcome): void {
		const counter = 'final' in report ? reports : readReplies;
		counter.inc({ state: report.state, outcome });
	}

	return {
		registry,
		storedFromQueue: count,
		observe({ report, readReply, error, httpStatus, durationMs, late: isLate }, stored) {
			if (isLate) {
				late.inc();
				return;
			}
			answers.inc({ http_status: httpStatus ?? 'none' });
			duration.observe(durationMs / 1000);
			if (error) errors.inc({ code: error.code });
			const handled = report ?? readReply;
			if (handled) count(handled, stored ?? 'failed');
		},
		unreadableKept() {
			unreadable.inc();
		},
		unreadableDropped() {
			dropped.inc();
		},
		httpRejected(reason) {
			rejected.inc({ reason });
		},
	};
}
