/** Longest text that is tried as a date; the longest real form has 35 characters. */
const MAX_LENGTH = 40;

const TIME = String.raw`(?<hour>\d{1,2}):(?<minute>\d{1,2})(?::(?<second>\d{1,2})(?:[.,](?<fraction>\d{1,9}))?)?`;
const ZONE = String.raw`\s?(?<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?`;

/** The forms seen in reports. In each the order of the fields is certain, but for the day-first one. */
const FORMS = [
	// xs:dateTime and its relatives: blank for T, unpadded fields, offsets without colon
	new RegExp(String.raw`^(?<year>\d{4})[-/](?<month>\d{1,2})[-/](?<day>\d{1,2})(?:[T\s]${TIME}${ZONE})?$`, 'i'),
	// compact: 20150316140351, 20150316T140351Z, with milliseconds behind
	new RegExp(
		String.raw`^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})T?(?<hour>\d{2})(?<minute>\d{2})(?<second>\d{2})[.,]?(?<fraction>\d{1,9})?${ZONE}$`,
		'i',
	),
	// day first, or month first: which of the two only the numbers can tell
	new RegExp(String.raw`^(?<left>\d{1,2})[-/.](?<right>\d{1,2})[-/.](?<year>\d{4})[T\s]${TIME}${ZONE}$`, 'i'),
] as const;

type Fields = Partial<Record<string, string>>;

/**
 * Reads the `Date` of a report. A text without zone is UTC.
 *
 * @returns `undefined` where the text is no date, or could be read as two different ones
 */
export function readDate(text: string): Date | undefined {
	if (text.length > MAX_LENGTH) return undefined;
	for (const form of FORMS) {
		const fields: Fields | undefined = form.exec(text)?.groups;
		if (fields) return fromFields(fields);
	}
	return undefined;
}

function fromFields(fields: Fields): Date | undefined {
	const [month, day] = fields['left'] === undefined ? [num(fields['month']), num(fields['day'])] : orderOf(fields);
	if (month === undefined || day === undefined) return undefined;
	const year = num(fields['year']);
	// the empty date of .NET, 0001-01-01; Date.UTC would take it for 1901
	if (year < 100) return undefined;
	const hour = num(fields['hour']);
	const minute = num(fields['minute']);
	const second = num(fields['second']);
	const endOfDay = hour === 24 && minute === 0 && second === 0; // legal in xs:dateTime
	if ((hour > 23 && !endOfDay) || minute > 59 || second > 60) return undefined;

	const midnight = new Date(Date.UTC(year, month - 1, day));
	// Date.UTC rolls 31 February over into March: such a day does not exist
	if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return undefined;

	const offset = offsetMinutes(fields['zone']);
	if (offset === undefined) return undefined;
	const milliseconds = num((fields['fraction'] ?? '').slice(0, 3).padEnd(3, '0'));
	return new Date(Date.UTC(year, month - 1, day, hour, minute - offset, second, milliseconds));
}

/** [month, day] of a form that has either first; nothing where both readings are possible and differ. */
function orderOf(fields: Fields): [number, number] | [undefined, undefined] {
	const left = num(fields['left']);
	const right = num(fields['right']);
	if (left > 12 || left === right) return [right, left];
	if (right > 12) return [left, right];
	return [undefined, undefined];
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
