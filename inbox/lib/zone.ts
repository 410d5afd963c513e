/** An IANA time zone, such as `America/New_York`. */
export type Zone = string;

export const UTC: Zone = 'UTC';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MAX_NAME_LENGTH = 50;

/** Returns the time zone of that name as this system spells it; undefined if it knows none. */
export function readZone(name: string): Zone | undefined {
	// some versions of Node.js also accept offsets, which are not zones
	if (!/^[a-z]/i.test(name) || name.length > MAX_NAME_LENGTH) return undefined;
	try {
		return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
	} catch {
		return undefined;
	}
}

/** All zones to choose from. */
export function allZones(): Zone[] {
	return [UTC, ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== UTC)];
}

/** Formatters by zone, which are expensive to create. There are as many as zones. */
const offsetFormats = new Map<Zone, Intl.DateTimeFormat>();

/** The difference between local time and UTC, in milliseconds; positive east of Greenwich. */
export function offsetMs(at: Date, zone: Zone): number {
	if (zone === UTC) return 0;
	let format = offsetFormats.get(zone);
	if (!format) {
		format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
		offsetFormats.set(zone, format);
	}
	// such as "7/7/2026, GMT-04:00"
	const [, sign, hours = 0, minutes = 0, seconds = 0] =
		/GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(format.format(at)) ?? [];
	const offset = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds) * 1000;
	return sign === '-' ? -offset : offset;
}

/** Local time in the format of an input field: `2026-07-07T14:00`. */
export function localText(at: Date, zone: Zone): string {
	return localIso(at, zone).slice(0, 16);
}

/** A time with its offset, so it means the same in every zone: `2026-07-07T14:00-04:00`, or `…Z` in UTC. */
export function offsetTimeText(at: Date, zone: Zone): string {
	const local = localIso(at, zone).replace(/(?::00)?\.000Z$|Z$/, '');
	if (zone === UTC) return `${local}Z`;
	const offset = offsetMs(at, zone);
	const minutes = Math.abs(offset) / MINUTE_MS;
	const parts = [Math.floor(minutes / 60), Math.floor(minutes % 60)].map((part) => String(part).padStart(2, '0'));
	return `${local}${offset < 0 ? '-' : '+'}${parts.join(':')}`;
}

/**
 * The instant of a local time. When clocks go back, the first of the two; when they go forward, a skipped time counts as
 * if they had not.
 *
 * @param local - such as `2026-07-07T14:00`
 */
export function instantOf(local: string, zone: Zone): Date {
	const wall = Date.parse(`${local}Z`);
	const [before, after] = [-DAY_MS, DAY_MS].map((distance) => wall - offsetMs(new Date(wall + distance), zone));
	const found = [before, after].filter((time = 0) => time + offsetMs(new Date(time), zone) === wall) as number[];
	return new Date(found.length > 0 ? Math.min(...found) : (before ?? wall));
}

/** The start of the day that contains an instant. */
export function midnight(at: Date, zone: Zone): Date {
	return instantOf(`${localIso(at, zone).slice(0, 10)}T00:00`, zone);
}

/** A period of the statistics. Weeks start on Monday. */
export type Period = 'hour' | 'day' | 'week' | 'month';

/**
 * The start of the period that contains an instant. Messages are counted per hour of UTC, so every period starts with
 * one: where the offset is not a whole number of hours, hours start at :30 or :45, and days that much after midnight.
 */
export function periodStart(at: Date, period: Period, zone: Zone): Date {
	const start = startOf(at, period, zone, 0);
	// between midnight and the first whole hour of UTC
	return start > at ? startOf(at, period, zone, -1) : start;
}

/** The start of the period after the one that contains an instant. */
export function nextPeriodStart(at: Date, period: Period, zone: Zone): Date {
	return startOf(periodStart(at, period, zone), period, zone, 1);
}

function startOf(at: Date, period: Period, zone: Zone, distance: -1 | 0 | 1): Date {
	if (period === 'hour') return new Date((Math.floor(at.getTime() / HOUR_MS) + distance) * HOUR_MS);
	const date = new Date(`${localIso(at, zone).slice(0, 10)}T00:00Z`);
	if (period === 'month') date.setUTCMonth(date.getUTCMonth() + distance, 1);
	else if (period === 'week') date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7) + distance * 7);
	else date.setUTCDate(date.getUTCDate() + distance);
	return new Date(Math.ceil(instantOf(date.toISOString().slice(0, 16), zone).getTime() / HOUR_MS) * HOUR_MS);
}

/** Checks whether the local hours of a zone are hours of UTC at that time. */
export function hasWholeHours(at: Date, zone: Zone): boolean {
	return offsetMs(at, zone) % HOUR_MS === 0;
}

/** A time of day: `14:03:59`. */
function clockText(at: Date, zone: Zone): string {
	return localIso(at, zone).slice(11, 19);
}

/** An hour and minute: `14:03`. */
export function hourText(at: Date, zone: Zone): string {
	return localIso(at, zone).slice(11, 16);
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: UTC });
const MONTH = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: UTC });
const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: UTC });

/** A day: `7 Jul`. */
export function dayText(at: Date, zone: Zone): string {
	return DAY.format(localDate(at, zone));
}

/** A day with its year: `7 Jul 2026`. */
export function dateText(at: Date, zone: Zone): string {
	return DATE.format(localDate(at, zone));
}

/** A month: `Jul 2026`. */
export function monthText(at: Date, zone: Zone): string {
	return MONTH.format(localDate(at, zone));
}

/** A time as short as is clear: `14:03:59` today, `6 Jul 14:03:59` this year, otherwise with the year. */
export function timeText(at: Date, zone: Zone, now = new Date()): string {
	const [local, today] = [localIso(at, zone), localIso(now, zone)];
	if (local.slice(0, 10) === today.slice(0, 10)) return clockText(at, zone);
	const format = local.slice(0, 4) === today.slice(0, 4) ? DAY : DATE;
	return `${format.format(localDate(at, zone))} ${clockText(at, zone)}`;
}

/** A complete time: `7 Jul 2026, 14:03:59 UTC−4`. */
export function fullTimeText(at: Date, zone: Zone): string {
	return `${dateText(at, zone)}, ${clockText(at, zone)} ${offsetName(at, zone)}`;
}

/** The name of an offset: `UTC`, `UTC−4` or `UTC+5:30`. */
export function offsetName(at: Date, zone: Zone): string {
	const offset = offsetMs(at, zone);
	if (offset === 0) return 'UTC';
	const minutes = Math.abs(offset) / MINUTE_MS;
	const rest = Math.floor(minutes % 60);
	return `UTC${offset < 0 ? '−' : '+'}${Math.floor(minutes / 60)}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}

/** The name of a zone's city: `New York`. */
export function zoneName(zone: Zone): string {
	return zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ');
}

/** The instant whose UTC time is the local time of another. */
function localDate(at: Date, zone: Zone): Date {
	return new Date(at.getTime() + offsetMs(at, zone));
}

function localIso(at: Date, zone: Zone): string {
	return localDate(at, zone).toISOString();
}
