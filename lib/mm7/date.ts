const TIME = String.raw`(?<hour>\d{1,2}):(?<minute>\d{1,2})(?::(?<second>\d{1,2})(?:[.,](?<fraction>\d{1,9}))?)?`;
/** The names are those of RFC 5322, section 4.3; all others have several meanings. */
const ZONE = String.raw`\s?(?<zone>Z|UTC?|GMT|[ECMP][SD]T|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?)`;
/** Java, Go, mail programs and browsers add the zone's name to an offset; Go also adds its monotonic clock. */
const NOTE = String.raw`(?:\[[\w/+-]{1,40}\]|\s\([\w .+-]{1,60}\)|(?<=\d)\s(?:[A-Z]{3,5}|[+-]\d{2,4}))?(?:\sm=[+-][\d.]{1,30})?`;
/** Outside e-mail, CST is also China's time. */
const ZONE_NOT_CST = String.raw`(?!\s?CST)${ZONE}`;
const YEAR = String.raw`(?<year>\d{4})`;
const MONTH_NAME = '(?<monthName>[a-z]{3})';
const DAY = String.raw`(?<day>\d{1,2})`;
const WEEKDAY = '(?<weekday>[a-z]{3,9})';
const COMPACT_TIME = String.raw`(?<hour>\d{2})(?<minute>\d{2})(?<second>\d{2})[.,]?(?<fraction>\d{1,9})?`;
const MAIL_DATE = String.raw`(?:${WEEKDAY},\s{0,2})?${DAY}[\s-]${MONTH_NAME}[\s-](?<year>\d{4}|\d{2})`;

const FORMS = [
	// xs:dateTime and its relatives: blank for T, unpadded fields, offsets without colon
	new RegExp(String.raw`^${YEAR}[-/](?<month>\d{1,2})[-/]${DAY}(?:[T\s]${TIME}(?:${ZONE_NOT_CST}${NOTE})?)?$`, 'i'),
	// xs:date
	/^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})(?<zone>Z|[+-]\d{2}:\d{2})$/i,
	// 20150316140351, 20150316T140351Z, with milliseconds after it
	new RegExp(String.raw`^${YEAR}(?<month>\d{2})(?<day>\d{2})T?${COMPACT_TIME}(?:${ZONE_NOT_CST})?$`, 'i'),
	// day first or month first: only the numbers tell
	new RegExp(String.raw`^(?<one>\d{1,2})[-/.](?<other>\d{1,2})[-/.]${YEAR}[T\s]${TIME}(?:${ZONE_NOT_CST})?$`, 'i'),
	// RFC 5322 and its forerunners; RFC 9110, section 5.6.7
	new RegExp(String.raw`^${MAIL_DATE}\s${TIME}(?:${ZONE}${NOTE})?$`, 'i'),
	// asctime of C, toString of Java
	new RegExp(String.raw`^${WEEKDAY}\s${MONTH_NAME}\s{1,2}${DAY}\s${TIME}(?:${ZONE_NOT_CST})?\s${YEAR}$`, 'i'),
	// toString of JavaScript
	new RegExp(String.raw`^${WEEKDAY}\s${MONTH_NAME}\s(?<day>\d{2})\s${YEAR}\s${TIME}${ZONE_NOT_CST}${NOTE}$`, 'i'),
];

/**
 * Reads the `Date` of a report. A text without a zone is UTC.
 *
 * @returns a date of the years 100 to 9999, which any database can store; `undefined` if the text is not a date, or could
 * be two different ones
 */
export function readDate(text: string): Date | undefined {
	for (const form of FORMS) {
		const groups = form.exec(text)?.groups;
		if (groups) return makeDate(groups);
	}
	return undefined;
}

type Groups = Readonly<Record<string, string | undefined>>;

function makeDate(groups: Groups): Date | undefined {
	const [hour, minute, second] = [num(groups['hour']), num(groups['minute']), num(groups['second'])];
	const endOfDay = hour === 24 && minute === 0 && second === 0; // legal in xs:dateTime
	if ((hour > 23 && !endOfDay) || minute > 59 || second > 60) return undefined;
	const midnight = readDay(groups);
	const offset = offsetMinutes(groups['zone']);
	if (midnight === undefined || offset === undefined) return undefined;
	const milliseconds = num((groups['fraction'] ?? '').slice(0, 3).padEnd(3, '0'));
	const date = new Date(midnight + (((hour * 60 + minute - offset) * 60 + second) * 1000 + milliseconds));
	return date.getUTCFullYear() > 9999 ? undefined : date;
}

/** Midnight of the day, in UTC. */
function readDay({ year = '', month, monthName, day, one, other, weekday }: Groups): number | undefined {
	if (one !== undefined) {
		const [smaller, greater] = [Math.min(num(one), num(other)), Math.max(num(one), num(other))];
		// both readings are possible, and they differ
		if (greater <= 12 && smaller !== greater) return undefined;
		return midnightOf(num(year), smaller, greater);
	}
	const monthNumber = monthName === undefined ? num(month) : 1 + MONTHS.indexOf(monthName.toLowerCase());
	if (year.length === 4) return midnightOf(num(year), monthNumber, num(day), weekday);
	if (weekday === undefined) return undefined;
	// no date has the same weekday in two consecutive centuries
	const inThisCentury = midnightOf(2000 + num(year), monthNumber, num(day), weekday);
	return inThisCentury ?? midnightOf(1900 + num(year), monthNumber, num(day), weekday);
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** @returns `undefined` for a day that does not exist or is a different weekday */
function midnightOf(year: number, month: number, day: number, weekday?: string): number | undefined {
	// .NET's empty date, 0001-01-01: Date.UTC would make it 1901
	if (year < 100) return undefined;
	const midnight = new Date(Date.UTC(year, month - 1, day));
	// Date.UTC rolls 31 February over into March: such a day does not exist
	if (midnight.getUTCMonth() !== month - 1) return undefined;
	if (weekday && WEEKDAYS[midnight.getUTCDay()] !== weekday.slice(0, 3).toLowerCase()) return undefined;
	return midnight.getTime();
}

/** Hours from UTC. */
const ZONES = new Map(Object.entries({ EDT: -4, EST: -5, CDT: -5, CST: -6, MDT: -6, MST: -7, PDT: -7, PST: -8 }));

function offsetMinutes(zone = 'Z'): number | undefined {
	const offset = /([+-])(\d{2}):?(\d{2})?/.exec(zone);
	if (!offset) return 60 * (ZONES.get(zone.toUpperCase()) ?? 0);
	const [, sign, hours, minutes] = offset;
	if (num(hours) > 14 || num(minutes) > 59) return undefined;
	return (sign === '-' ? -1 : 1) * (num(hours) * 60 + num(minutes));
}

function num(digits: string | undefined): number {
	return Number(digits ?? 0);
}
