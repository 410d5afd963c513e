/** Longest text that is tried as a date; the longest real form has 35 characters. */
const MAX_LENGTH = 40;

const TIME = String.raw`(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?`;
const ZONE = String.raw`\s?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?`;

// The groups of each are the three of the day, then hour, minute, second, fraction, zone.

/** xs:dateTime and its relatives: blank for T, unpadded fields, offsets without colon. */
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T\s]${TIME}${ZONE})?$`, 'i');
/** 20150316140351, 20150316T140351Z, with milliseconds behind. */
const COMPACT = new RegExp(String.raw`^(\d{4})(\d{2})(\d{2})T?(\d{2})(\d{2})(\d{2})[.,]?(\d{1,9})?${ZONE}$`, 'i');
/** Day first, or month first: which of the two only the numbers can tell. */
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})[T\s]${TIME}${ZONE}$`, 'i');

/**
 * Reads the `Date` of a report. A text without zone is UTC.
 *
 * @returns `undefined` if the text is not a date, or could be read as two different ones
 */
export function readDate(text: string): Date | undefined {
	if (text.length > MAX_LENGTH) return undefined;
	const yearFirst = YEAR_FIRST.exec(text) ?? COMPACT.exec(text);
	if (yearFirst) return makeDate(num(yearFirst[1]), num(yearFirst[2]), num(yearFirst[3]), yearFirst);
	const yearLast = YEAR_LAST.exec(text);
	if (!yearLast) return undefined;
	const [one, other] = [num(yearLast[1]), num(yearLast[2])];
	// both readings are possible, and they differ
	if (one <= 12 && other <= 12 && one !== other) return undefined;
	return makeDate(num(yearLast[3]), Math.min(one, other), Math.max(one, other), yearLast);
}

/** @param groups - of the match, with the time in those from the fourth on */
function makeDate(year: number, month: number, day: number, groups: RegExpExecArray): Date | undefined {
	// the empty date of .NET, 0001-01-01; Date.UTC would take it for 1901
	if (year < 100) return undefined;
	const [hour, minute, second] = [num(groups[4]), num(groups[5]), num(groups[6])];
	const endOfDay = hour === 24 && minute === 0 && second === 0; // legal in xs:dateTime
	if ((hour > 23 && !endOfDay) || minute > 59 || second > 60) return undefined;

	const midnight = new Date(Date.UTC(year, month - 1, day));
	// Date.UTC rolls 31 February over into March: such a day does not exist
	if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return undefined;

	const offset = offsetMinutes(groups[8]);
	if (offset === undefined) return undefined;
	const milliseconds = num((groups[7] ?? '').slice(0, 3).padEnd(3, '0'));
	return new Date(Date.UTC(year, month - 1, day, hour, minute - offset, second, milliseconds));
}

function offsetMinutes(zone: string | undefined): number | undefined {
	if (zone === undefined || !/^[+-]/.test(zone)) return 0;
	const hours = num(zone.slice(1, 3));
	const minutes = num(zone.slice(3).replace(':', ''));
	if (hours > 14 || minutes > 59) return undefined;
	return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function num(digits: string | undefined): number {
	return Number(digits ?? 0);
}
