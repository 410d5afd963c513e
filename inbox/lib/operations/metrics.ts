import { statfs } from 'node:fs/promises';
import type { DeliveryReport, Exchange, ReadReply } from 'mm7-delivery-reports';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Failure } from '../store/database.js';
import type { Outbox } from '../store/outbox.js';
import { OVERDUE_KINDS, type OverdueKind } from '../store/read/overdue.js';
import type { StoreResult } from '../store/report-repository.js';

type Outcome = StoreResult | 'queued' | 'failed';

/** The metrics of one process. */
export type Metrics = ReturnType<typeof makeMetrics>;

const FAILURES: readonly Failure[] = ['refused', 'unavailable', 'broken'];

/** In seconds; the provider times out after ten. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8, 10];

/** Sources that some metrics read on collection. */
export interface MetricSources {
	/** Counts the pages that get live updates. */
	readonly viewers?: () => number;
	/** Checks whether reports can be stored; absent if there is no database. */
	readonly canStore?: (() => Promise<boolean>) | undefined;
	/** The arrival time of the last report that an earlier process stored, by provider. */
	readonly lastArrivals?: Promise<ReadonlyMap<string, Date> | undefined> | undefined;
	/** Reads the size of SQLite's log; absent if SQLite is not used. */
	readonly logBytes?: (() => Promise<number>) | undefined;
	/** Counts the events that the application has not accepted yet; absent if there is no database. */
	readonly pendingEvents?: Outbox['pending'] | undefined;
	/** The folder of the embedded database; absent if there is none. */
	readonly dataDir?: string | undefined;
	/** Counts overdue messages; absent if OVERDUE_AFTER is not set, or another process has the metric. */
	readonly overdue?: ((kind: OverdueKind) => Promise<{ readonly count: number }>) | undefined;
}

/** Creates the metrics. No label contains text from a request, so clients cannot add series; providers are configured. */
export function makeMetrics({
	viewers = () => 0,
	canStore,
	lastArrivals,
	logBytes,
	pendingEvents,
	dataDir,
	overdue,
}: MetricSources = {}) {
	const registry = new Registry();
	const registers = [registry];
	collectDefaultMetrics({ register: registry });

	const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
		new Counter({ name, help, labelNames, registers });

	const reports = counter(
		'mm7_reports_total',
		'Delivery reports by state and outcome: current, superseded, duplicate, failed, or queued (counted again by a worker).',
		'state',
		'outcome',
		'provider',
	);
	const readReplies = counter(
		'mm7_read_replies_total',
		'Read replies by state (read, deleted or unknown) and outcome.',
		'state',
		'outcome',
		'provider',
	);
	const responses = counter(
		'mm7_responses_total',
		'Responses by HTTP status; "none" if the client had disconnected.',
		'http_status',
		'provider',
	);
	const refusals = counter(
		'mm7_refusals_total',
		'Requests that were not accepted, by reason: an error code, a code of the HTTP parser, HOST_MISSING, WRONG_PATH or NOT_FOUND.',
		'reason',
		'provider',
	);
	const late = counter(
		'mm7_late_results_total',
		'Reports stored after their deadline, when the provider had already been asked to retry.',
	);
	const refusedKept = counter('mm7_refused_requests_stored_total', 'Refused requests that were stored as examples.');
	const refusedDropped = counter(
		'mm7_refused_requests_dropped_total',
		'Refused requests that were counted and not stored, because there were too many at once.',
	);
	const failedWrites = counter('mm7_failed_writes_total', 'Failed writes to the database, by failure.', 'failure');
	for (const failure of FAILURES) failedWrites.inc({ failure }, 0);
	const duration = new Histogram({
		name: 'mm7_request_duration_seconds',
		help: 'Seconds from the arrival of a request to its response.',
		buckets: BUCKETS,
		registers,
	});
	const gauge = (name: string, help: string, collect: () => number | Promise<number>) =>
		new Gauge({
			name,
			help,
			registers,
			async collect() {
				this.set(await collect());
			},
		});
	gauge('mm7_inbox_viewers', 'Open pages that get live updates.', viewers);
	if (canStore)
		gauge('mm7_database_up', '1 if reports can be stored, otherwise 0.', async () => Number(await canStore()));
	if (dataDir !== undefined) {
		const bytes = async (blocks: 'bavail' | 'blocks') => {
			const disk = await statfs(dataDir).catch(() => undefined);
			return disk ? disk[blocks] * disk.bsize : Number.NaN;
		};
		gauge('mm7_disk_free_bytes', 'Free space on the disk of the database.', () => bytes('bavail'));
		gauge('mm7_disk_size_bytes', 'Size of the disk of the database.', () => bytes('blocks'));
	}
	if (overdue) {
		new Gauge({
			name: 'mm7_overdue',
			help: 'Overdue messages: no-report, or no-receipt if the network accepted them; at most 100,000, NaN if unknown.',
			labelNames: ['kind'],
			registers,
			async collect() {
				for (const kind of OVERDUE_KINDS) {
					const { count } = await overdue(kind).catch(() => ({ count: Number.NaN }));
					this.set({ kind }, count);
				}
			},
		});
	}
	const lastReports = new Map<string, Date>();
	new Gauge({
		name: 'mm7_last_report_timestamp_seconds',
		help: 'Arrival of the last report of each provider.',
		labelNames: ['provider'],
		registers,
		async collect() {
			for (const [provider, receivedAt] of (await lastArrivals) ?? []) noteReport(provider, receivedAt);
			for (const [provider, receivedAt] of lastReports) this.set({ provider }, receivedAt.getTime() / 1000);
		},
	});
	const logHelp = "Size of SQLite's log: below 100 MB, unless another program keeps a transaction open.";
	if (logBytes) gauge('mm7_sqlite_log_bytes', logHelp, logBytes);

	const givenUp = counter(
		'mm7_forward_failed_total',
		'Events that were given up: the application did not accept them.',
	);
	if (pendingEvents) {
		let reading: ReturnType<Outbox['pending']> | undefined;
		/** One scrape reads once. */
		const read = () => {
			reading ??= pendingEvents().finally(() => {
				reading = undefined;
			});
			return reading.catch(() => undefined);
		};
		const pendingHelp =
			'Events that the application has not accepted yet, also those that wait for a retry; at most 100,000.';
		gauge('mm7_forward_pending', pendingHelp, async () => (await read())?.count ?? Number.NaN);
		const ageHelp = 'Age of the oldest event that the application has not accepted yet; 0 if there is none.';
		gauge('mm7_forward_oldest_pending_seconds', ageHelp, async () => {
			const pending = await read();
			return pending ? Math.max(0, Date.now() - (pending.oldest?.getTime() ?? Date.now())) / 1000 : Number.NaN;
		});
	}

	function noteReport(provider: string, receivedAt: Date): void {
		const last = lastReports.get(provider);
		if (last === undefined || receivedAt > last) lastReports.set(provider, receivedAt);
	}

	function countReport(report: DeliveryReport | ReadReply, outcome: Outcome, provider: string): void {
		('final' in report ? reports : readReplies).inc({ state: report.state, outcome, provider });
		noteReport(provider, report.receivedAt);
	}

	return {
		registry,
		/** Counts a failed write to the database. */
		writeFailed: (failure: Failure) => failedWrites.inc({ failure }),
		/** Counts a report that a worker stored from the queue. */
		storedFromQueue(report: DeliveryReport | ReadReply, stored: StoreResult, provider: string): void {
			countReport(report, stored, provider);
		},
		/** Counts an event that was given up. */
		eventGivenUp: () => givenUp.inc(),
		/** Counts a request and its response. */
		observe(exchange: Exchange, stored: Outcome | undefined, provider: string): void {
			const { report, readReply, error, httpStatus, durationMs } = exchange;
			if (exchange.late) {
				late.inc();
				return;
			}
			responses.inc({ http_status: httpStatus ?? 'none', provider });
			duration.observe(durationMs / 1000);
			if (error) refusals.inc({ reason: error.code, provider });
			const handled = report ?? readReply;
			if (handled) countReport(handled, stored ?? 'failed', provider);
		},
		/** Counts refused requests that were stored as examples. */
		refusedKept: (count: number) => refusedKept.inc(count),
		/** Counts refused requests that were not stored, because there were too many at once. */
		refusedDropped: (count: number) => refusedDropped.inc(count),
		/**
		 * Counts a request that was rejected before it reached the receiver.
		 *
		 * @param reason - from a fixed set
		 */
		httpRejected: (reason: string) => refusals.inc({ reason, provider: '' }),
	};
}
