import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../log.js';
import type { RefusalRepository } from './refusal-repository.js';
import type { ReportRepository } from './report-repository.js';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const RUN_INTERVAL_MS = 60_000;
/** The number of reports that one transaction deletes. It is adjusted so that this takes about `STEP_MS`. */
const FIRST_STEP_SIZE = 500;
const MIN_STEP_SIZE = 100;
const MAX_STEP_SIZE = 1_000;
const STEP_MS = 50;
/** The clock is checked again after this many reports. */
const MAX_REPORTS_PER_RUN = 10_000;
/** The number of steps that return space, per run. */
const MAX_RECLAIMING_STEPS = 20;
/**
 * The pause after a step is this many times its duration, so deleting uses at most half of the database's time. It uses
 * less while reports arrive, because a step also waits for those.
 */
const PAUSE_RATIO = 1;
/** If the clock is further ahead than this, a run does not delete anything if it would delete over half the messages. */
const MAX_CLOCK_LEAD_MS = HOUR_MS;

/** Settings of the deletion. */
export interface RetentionSettings {
	/** Age at which reports are deleted; `undefined` keeps everything. */
	readonly days: number | undefined;
	/** Whether to delete even if the clock has jumped. */
	readonly trustClock: boolean;
}

/** The running deletion of expired reports. */
export interface Retention {
	/** Stops after the current step, and settles when that is done. */
	stop(): Promise<void>;
}

/** The outcome of a run; `more` if it reached its limit. */
type Outcome = 'done' | 'more' | 'refused';

/**
 * Deletes reports, messages and refused requests that arrived more than a number of days ago. New reports have to
 * wait for a step to finish, so steps are short.
 */
export function keepForDays(
	settings: RetentionSettings,
	reports: ReportRepository,
	refusals: Pick<RefusalRepository, 'deleteReceivedBefore'>,
	log: Logger,
): Retention {
	const stopped = new AbortController();
	const { signal } = stopped;

	async function runAll(days: number): Promise<void> {
		const run = makeRun(days * DAY_MS, settings.trustClock, reports, refusals, log);
		while (!signal.aborted) {
			const outcome = await run(signal).catch((err) => log.warn({ err }, 'old reports cannot be deleted'));
			if (outcome !== 'more') await pause(outcome === 'refused' ? HOUR_MS : RUN_INTERVAL_MS, signal);
		}
	}

	const running = settings.days === undefined ? Promise.resolve() : runAll(settings.days);
	return {
		async stop() {
			stopped.abort();
			await running;
		},
	};
}

/**
 * Creates a function that deletes expired reports, up to a limit.
 *
 * It compares the system clock with the monotonic clock, and at first with the arrival time of the newest report: a
 * clock that is wrong by a year must not cause everything to be deleted.
 */
export function makeRun(
	ageMs: number,
	trustClock: boolean,
	reports: ReportRepository,
	refusals: Pick<RefusalRepository, 'deleteReceivedBefore'>,
	log: Logger,
): (signal: AbortSignal) => Promise<Outcome> {
	const start = { time: Date.now(), monotonic: performance.now() };
	/** The difference between the two clocks that is considered right. */
	let offset: number | undefined;
	let stepSize = FIRST_STEP_SIZE;

	async function isRefused(before: Date, now: number): Promise<boolean> {
		// reports that this process has stored are no evidence that its clock is right
		offset ??= ((await reports.newestArrival(new Date(start.time)))?.getTime() ?? start.time) - start.monotonic;
		const expected = offset + performance.now();
		if (trustClock || now - expected <= MAX_CLOCK_LEAD_MS) return false;
		const counted = await reports.countMessages(before, new Date(expected));
		if (counted.old <= counted.all / 2) return false;
		log.error(
			{ ...counted, clock: new Date(now), newestReport: new Date(expected), before },
			'NOTHING IS DELETED: the clock has jumped, and more than half of the messages would go at once. If the clock is right, start once with RETENTION_TRUST_CLOCK=true',
		);
		return true;
	}

	return async function run(signal) {
		const now = Date.now();
		const before = new Date(now - ageMs);
		if (await isRefused(before, now)) return 'refused';
		offset = now - performance.now();

		let total = await refusals.deleteReceivedBefore(before);
		let isMore = true;
		/** Repeats a step, with pauses, while it returns true. */
		async function repeat(step: () => Promise<boolean>): Promise<void> {
			while (!signal.aborted) {
				const began = performance.now();
				if (!(await step())) return;
				await pause((performance.now() - began) * PAUSE_RATIO, signal);
			}
		}
		let left = MAX_REPORTS_PER_RUN;
		await repeat(async () => {
			const limit = Math.min(stepSize, left);
			const began = performance.now();
			const deleted = await reports.deleteReceivedBefore(before, limit);
			stepSize = nextSize(stepSize, performance.now() - began);
			total += deleted;
			left -= deleted;
			isMore = deleted === limit;
			return isMore && left > 0;
		});
		if (total > 0) await reports.sweepCounters(before);
		// before that, new reports would soon need the space again
		let steps = MAX_RECLAIMING_STEPS;
		if (!isMore) await repeat(async () => (await reports.reclaim()) && --steps > 0);
		if (total > 0) log.info({ deleted: total, before }, 'old reports are deleted');
		return isMore ? 'more' : 'done';
	};
}

/** A step at most doubles or halves. */
function nextSize(size: number, ms: number): number {
	const factor = Math.min(2, Math.max(0.5, STEP_MS / ms));
	return Math.round(Math.min(MAX_STEP_SIZE, Math.max(MIN_STEP_SIZE, size * factor)));
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
	return delay(milliseconds, undefined, { signal }).catch(() => {});
}
