const TIME = String.raw`(?<hour>\d{1,2}):(?<minute>\d{1,2})(?::(?<second>\d{1,2})(?:[.,](?<fraction>\d{1,9}))?)?`;
const ZONE = String.raw`\s?(?<zone>Z|UTC?|GMT|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?)`;

const FORMS = [
	// xs:dateTime and its relatives: a blank for T, unpadded fields, offsets without a colon
	new RegExp(String.raw`^(?<year>\d{4})[-/](?<month>\d{1,2})[-/](?<day>\d{1,2})(?:[T\s]${TIME}(?:${ZONE})?)?$`, 'i'),
	// 20150316140351, 20150316T140351Z, with or without milliseconds
	new RegExp(
		String.raw`^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})T?(?<hour>\d{2})(?<minute>\d{2})(?<second>\d{2})[.,]?(?<fraction>\d{1,9})?(?:${ZONE})?$`,
		'i',
	),
	// day or month first
	new RegExp(String.raw`^(?<one>\d{1,2})[-/.](?<other>\d{1,2})[-/.](?<year>\d{4})[T\s]${TIME}(?:${ZONE})?$`, 'i'),
];

/**
 * Reads the `Date` of a report. A text without a zone is UTC.
 *
 * @returns a date of the years 100 to 9999, which any database can store; `undefined` if the text is not a date, or could
 * be read as two different dates
 */
export function readDate(text: string): Date | undefined {
	for (const form of FORMS) {
		const groups = form.exec(text)?.groups;
		if (groups) return makeDate(groups);
	}
	return undefined;
}

function makeDate(groups: Readonly<Record<string, string | undefined>>): Date | undefined {
	const [hour, minute, second] = [num(groups['hour']), num(groups['minute']), num(groups['second'])];
	const isEndOfDay = hour === 24 && minute === 0 && second === 0; // legal in xs:dateTime
	if ((hour > 23 && !isEndOfDay) || minute > 59 || second > 60) return undefined;
	const year = num(groups['year']);
	const { one, other } = groups;
	const midnight = one
		? dayFirst(year, num(one), num(other))
		: midnightOf(year, num(groups['month']), num(groups['day']));
	const offset = offsetMinutes(groups['zone']);
	if (midnight === undefined || offset === undefined) return undefined;
	const milliseconds = num((groups['fraction'] ?? '').slice(0, 3).padEnd(3, '0'));
	const date = new Date(midnight + (((hour * 60 + minute - offset) * 60 + second) * 1000 + milliseconds));
	return date.getUTCFullYear() > 9999 ? undefined : date;
}

/** @returns `undefined` if either number could be the month, and the dates differ */
function dayFirst(year: number, one: number, other: number): number | undefined {
	const [smaller, greater] = [Math.min(one, other), Math.max(one, other)];
	return greater <= 12 && smaller !== greater ? undefined : midnightOf(year, smaller, greater);
}

/** @returns midnight in UTC; `undefined` for a day that does not exist */
function midnightOf(year: number, month: number, day: number): number | undefined {
	// .NET's empty date, 0001-01-01; Date.UTC would read it as 1901
	if (year < 100) return undefined;
	const midnight = new Date(Date.UTC(year, month - 1, day));
	// Date.UTC turns 31 February into a day in March
	return midnight.getUTCMonth() === month - 1 ? midnight.getTime() : undefined;
}

function offsetMinutes(zone = 'Z'): number | undefined {
	const [, sign, hours, minutes] = /([+-])(\d{2}):?(\d{2})?/.exec(zone) ?? [];
	if (num(hours) > 14 || num(minutes) > 59) return undefined;
	return (sign === '-' ? -1 : 1) * (num(hours) * 60 + num(minutes));
}

function num(digits: string | undefined): number {
	return Number(digits ?? 0);
}
