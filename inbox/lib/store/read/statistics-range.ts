import { nextPeriodStart, type Period, periodStart, type Zone } from '../../zone.js';

export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The lengths of a bar, in ascending order. */
export const PERIODS = ['hour', 'day', 'week', 'month'] as const satisfies readonly Period[];

/** The time ranges that end now: 24 hours, 7 days, 30 days, 90 days. */
export const RANGE_SPANS = ['day', 'week', 'month', 'quarter'] as const;
export type RangeSpan = (typeof RANGE_SPANS)[number];

/** A time range of whole hours of UTC, because those are counted. */
export interface StatisticsRange {
	/** Inclusive. */
	readonly from: Date;
	/** Exclusive; can be in the future. */
	readonly to: Date;
	/** The length of a bar. */
	readonly period: Period;
	/** The zone of its days, weeks and months. */
	readonly zone: Zone;
}

/** A time range for statistics, and how to divide it. */
export interface RangeChoice {
	/** Ignored if `from` or `to` is set. Default: `day`. */
	readonly span?: RangeSpan | undefined;
	/** Default: a day before `to`. */
	readonly from?: Date | undefined;
	/** Default: the end of the current hour. */
	readonly to?: Date | undefined;
	/** Default: by the length of the range. */
	readonly by?: Period | undefined;
}

/** An hour, a day, a week or a month, or the part of it that is in the range. */
export interface Bar {
	readonly from: Date;
	readonly to: Date;
	/** Whether it has not ended yet. */
	readonly isUnfinished: boolean;
}

const SPAN_DAYS: Readonly<Record<RangeSpan, number>> = { day: 1, week: 7, month: 30, quarter: 90 };
const PERIOD_MS: Readonly<Record<Period, number>> = {
	hour: HOUR_MS,
	day: DAY_MS,
	week: 7 * DAY_MS,
	month: 30 * DAY_MS,
};
/** Ten years; longer ranges are cut at their beginning. */
const MAX_RANGE_MS = 3_653 * DAY_MS;
/** More bars would be too narrow to see, so a longer period is used. */
const MAX_BARS = 200;
/** Shorter ranges are shown by hour, and the others by day if there are at most 100. */
const MAX_HOURLY_MS = 2 * DAY_MS;
const MAX_DAILY_MS = 100 * DAY_MS;

/** Chooses whole hours, and a period that makes few enough bars. An empty range becomes one hour. */
export function chooseRange(choice: RangeChoice, zone: Zone, now = new Date()): StatisticsRange {
	const [from, to] = choice.from || choice.to ? givenRange(choice, now) : spanRange(choice.span ?? 'day', zone, now);
	const length = to.getTime() - from.getTime();
	const usual = length <= MAX_HOURLY_MS ? 'hour' : length <= MAX_DAILY_MS ? 'day' : 'week';
	const wanted = PERIODS.slice(PERIODS.indexOf(choice.by ?? usual));
	const period = wanted.find((one) => length / PERIOD_MS[one] <= MAX_BARS) ?? 'month';
	return { from, to, period, zone };
}

function givenRange({ from, to }: RangeChoice, now: Date): [from: Date, to: Date] {
	const end = Math.ceil((to ?? now).getTime() / HOUR_MS) * HOUR_MS;
	const wanted = from ? Math.floor(from.getTime() / HOUR_MS) * HOUR_MS : end - DAY_MS;
	const start = Math.max(wanted, end - MAX_RANGE_MS);
	return [new Date(start), new Date(Math.max(end, start + HOUR_MS))];
}

function spanRange(span: RangeSpan, zone: Zone, now: Date): [from: Date, to: Date] {
	const days = SPAN_DAYS[span];
	const end = nextPeriodStart(now, days === 1 ? 'hour' : 'day', zone);
	const start = new Date(end.getTime() - days * DAY_MS);
	if (days === 1) return [start, end];
	// half a day later, because days can have 23 to 25 hours
	return [periodStart(new Date(start.getTime() + DAY_MS / 2), 'day', zone), end];
}

/** Divides a range into bars. The first and the last one can be shorter than a period. */
export function barsOf({ from, to, period, zone }: StatisticsRange, now = new Date()): Bar[] {
	const bars: Bar[] = [];
	for (let start = from; start < to; ) {
		const next = nextPeriodStart(start, period, zone);
		const end = next < to ? next : to;
		bars.push({ from: start, to: end, isUnfinished: end > now });
		start = end;
	}
	return bars;
}
