export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The length of a bar. Days begin at midnight of the reader's time zone, weeks on Monday. */
export const STEPS = ['hour', 'day', 'week'] as const;
export type Step = (typeof STEPS)[number];

/** The time ranges that end now: 24 hours, 7 days, 30 days, 90 days. */
export const RANGE_SPANS = ['day', 'week', 'month', 'quarter'] as const;
export type RangeSpan = (typeof RANGE_SPANS)[number];

/** A time zone: its offset from UTC at a time in minutes, positive to the east. */
export type OffsetAt = (time: Date) => number;

/** A time range of whole hours of UTC, because those are counted. */
export interface StatisticsRange {
	/** Inclusive. */
	readonly from: Date;
	/** Exclusive; can be in the future. */
	readonly to: Date;
	readonly step: Step;
	readonly offsetAt: OffsetAt;
}

/** What to show statistics of. */
export interface RangeChoice {
	/** Ignored if `from` or `to` is set. Default: `day`. */
	readonly span?: RangeSpan | undefined;
	/** Default: a day before `to`. */
	readonly from?: Date | undefined;
	/** Default: the end of the current hour. */
	readonly to?: Date | undefined;
	/** Default: by the length of the range. */
	readonly step?: Step | undefined;
}

/** An hour, a day or a week, or the part of it that is in the range. */
export interface Bar {
	readonly from: Date;
	readonly to: Date;
	/** Whether it has not ended yet. */
	readonly isUnfinished: boolean;
}

const SPAN_DAYS: Readonly<Record<RangeSpan, number>> = { day: 1, week: 7, month: 30, quarter: 90 };
/** Ten years; longer ranges are cut at their beginning. */
const MAX_RANGE_MS = 3_653 * DAY_MS;
/** More bars would be too narrow to see, so a longer step is used. */
const MAX_BARS = 200;
/** Shorter ranges are shown by hour, and the others by day if there are at most 100. */
const MAX_HOURLY_MS = 2 * DAY_MS;
const MAX_DAILY_MS = 100 * DAY_MS;

const STEP_MS: Readonly<Record<Step, number>> = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS };
/** The first Monday since 1970 began on a Thursday. */
const STEP_ORIGIN_MS: Readonly<Record<Step, number>> = { hour: 0, day: 0, week: 4 * DAY_MS };

/** Chooses whole hours, and a step that makes few enough bars. An empty range becomes one hour. */
export function chooseRange(choice: RangeChoice, offsetAt: OffsetAt, now = new Date()): StatisticsRange {
	const [from, to] =
		choice.from || choice.to ? givenRange(choice, now) : spanRange(choice.span ?? 'day', offsetAt, now);
	const length = to - from;
	const usual = length <= MAX_HOURLY_MS ? 'hour' : length <= MAX_DAILY_MS ? 'day' : 'week';
	const wanted = STEPS.slice(STEPS.indexOf(choice.step ?? usual));
	const step = wanted.find((one) => length / STEP_MS[one] <= MAX_BARS) ?? 'week';
	return { from: new Date(from), to: new Date(to), step, offsetAt };
}

function givenRange({ from, to }: RangeChoice, now: Date): [from: number, to: number] {
	const end = Math.ceil((to ?? now).getTime() / HOUR_MS) * HOUR_MS;
	const start = from ? Math.floor(from.getTime() / HOUR_MS) * HOUR_MS : end - DAY_MS;
	return start < end ? [Math.max(start, end - MAX_RANGE_MS), end] : [start, start + HOUR_MS];
}

function spanRange(span: RangeSpan, offsetAt: OffsetAt, now: Date): [from: number, to: number] {
	const days = SPAN_DAYS[span];
	if (days === 1) {
		const end = (Math.floor(now.getTime() / HOUR_MS) + 1) * HOUR_MS;
		return [end - DAY_MS, end];
	}
	const today = indexOf('day', now.getTime(), offsetAt);
	return [startOf('day', today - days + 1, offsetAt), startOf('day', today + 1, offsetAt)];
}

/** Divides a range into bars. The first and the last one can be shorter than a step. */
export function barsOf({ from, to, step, offsetAt }: StatisticsRange, now = new Date()): Bar[] {
	const bars: Bar[] = [];
	let index = indexOf(step, from.getTime(), offsetAt);
	for (let start = from.getTime(); start < to.getTime(); ) {
		const end = Math.min(startOf(step, ++index, offsetAt), to.getTime());
		// where the clock is set forward by an hour, a step can be empty
		if (end > start) bars.push({ from: new Date(start), to: new Date(end), isUnfinished: end > now.getTime() });
		start = Math.max(start, end);
	}
	return bars;
}

/** The number of the step in which a time is. */
function indexOf(step: Step, time: number, offsetAt: OffsetAt): number {
	// hours are those of UTC
	if (step === 'hour') return Math.floor(time / HOUR_MS);
	const index = Math.floor((time + offsetMs(offsetAt, time) - STEP_ORIGIN_MS[step]) / STEP_MS[step]);
	// the start may have been rounded up beyond this time, or down to it
	if (startOf(step, index, offsetAt) > time) return index - 1;
	return startOf(step, index + 1, offsetAt) <= time ? index + 1 : index;
}

/** The start of a step, to the nearest hour of UTC: half an hour late in time zones with a half-hour offset. */
function startOf(step: Step, index: number, offsetAt: OffsetAt): number {
	const local = STEP_ORIGIN_MS[step] + index * STEP_MS[step];
	if (step === 'hour') return local;
	const guess = local - offsetMs(offsetAt, local);
	const start = local - offsetMs(offsetAt, guess);
	return Math.round(start / HOUR_MS) * HOUR_MS;
}

function offsetMs(offsetAt: OffsetAt, time: number): number {
	return offsetAt(new Date(time)) * 60_000;
}
