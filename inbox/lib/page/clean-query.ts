import { instantOf, offsetTimeText, readZone, UTC } from '../zone.js';

/** The parameters that are times. */
const TIMES = ['from', 'to'];
/** Like that of a form's field, without an offset. */
const LOCAL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;

/**
 * Returns the query that the fields of a form stand for: without empty fields, and with the offset of each time, so that
 * the address means the same to everyone. A time excludes a span that ends now.
 *
 * @returns undefined if nothing is to be changed
 */
export function cleanQuery(params: URLSearchParams): string | undefined {
	const zone = readZone(params.get('tz') ?? '') ?? UTC;
	const given = [...params].filter(([, value]) => value.trim() !== '');
	const hasTime = given.some(([name]) => TIMES.includes(name));
	const kept = given.filter(([name]) => !(hasTime && name === 'span'));
	const cleaned = kept.map(([name, value]): [string, string] => {
		const isLocalTime = TIMES.includes(name) && LOCAL_TIME.test(value) && !Number.isNaN(Date.parse(value));
		return [name, isLocalTime ? offsetTimeText(instantOf(value, zone), zone) : value];
	});
	const isClean =
		cleaned.length === params.size && cleaned.every(([name, value]) => params.getAll(name).includes(value));
	if (isClean) return undefined;
	return cleaned.length === 0 ? '' : `?${new URLSearchParams(cleaned)}`;
}
