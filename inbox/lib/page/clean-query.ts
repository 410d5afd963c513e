import { offsetTimeText, parseTime, readZone } from '../zone.js';

/** The parameters that are times. */
const TIMES = ['from', 'to'];

/**
 * Returns the query that the fields of a form stand for: without empty fields, and with the offset of each time, so that
 * the address means the same to everyone. A time excludes a span that ends now.
 *
 * @returns undefined if nothing is to be changed
 */
export function cleanQuery(params: URLSearchParams): string | undefined {
	const zone = readZone(params.get('tz') ?? '');
	const given = [...params].filter(([, value]) => value.trim() !== '');
	const hasTime = given.some(([name]) => TIMES.includes(name));
	const kept = given.filter(([name]) => !(hasTime && name === 'span'));
	const cleaned = kept.map(([name, value]): [string, string] => {
		const at = TIMES.includes(name) && isLocal(value) ? parseTime(value, zone) : undefined;
		return [name, at ? offsetTimeText(at, zone ?? 'UTC') : value];
	});
	const isClean =
		cleaned.length === params.size && cleaned.every(([name, value]) => params.getAll(name).includes(value));
	if (isClean) return undefined;
	return cleaned.length === 0 ? '' : `?${new URLSearchParams(cleaned)}`;
}

/** Whether a time has no offset, like that of a form's field. */
function isLocal(text: string): boolean {
	return /T\d\d:\d\d$/.test(text);
}
