import type { Value } from '../database.js';
import { reversedKey, searchKeyOf } from '../search-key.js';
import { storableText } from '../storable.js';
import type { Cursor, Filters } from './filters.js';

/** Sorts after every text with the same beginning. */
const LAST = '\u{10FFFF}';

/** The filters that are columns. */
export type ColumnFilters = Pick<Filters, 'state' | 'mmStatus' | 'operator'>;

/** A condition on the beginning of a key, which has an index. */
export interface End {
	readonly key: string;
	readonly condition: string;
}

/** From the first to before the second; undefined: without that end. `before` is a place in the list. */
export interface TimeRange {
	readonly from?: Date | undefined;
	readonly to?: Date | undefined;
	readonly before?: Cursor | undefined;
}

/** Collects the values of a statement while its SQL is made. */
export class Parameters {
	readonly values: Value[] = [];

	/** Takes a value, and returns what stands for it in SQL. */
	add(value: Value): string {
		return `$${this.values.push(value)}`;
	}

	/** Conditions on the columns that `messages` and `counters` share. */
	columns({ state, mmStatus, operator }: ColumnFilters): string[] {
		const columns = { state, mm_status: mmStatus, operator_id: operator };
		return Object.entries(columns)
			.filter((entry): entry is [string, string] => entry[1] !== undefined)
			.map(([name, value]) => `${name} = ${this.add(value)}`);
	}

	/** Conditions on `messages`, with one lower and one upper end at most, so that they are one range of an index. */
	range({ from, to, before }: TimeRange): string[] {
		const conditions = from ? [`received_at >= ${this.add(from)}`] : [];
		if (before && !(to && to <= before.at)) {
			const [at, id] = [this.add(before.at), this.add(before.reportId)];
			conditions.push(`(received_at, report_id) < (${at}, CAST(${id} AS bigint))`);
		} else if (to) conditions.push(`received_at < ${this.add(to)}`);
		return conditions;
	}

	/** One condition for each end of an id or number that the text may be; each has an index of its own. */
	ends(text: string): End[] {
		const number = searchKeyOf(text);
		const beginnings = {
			'substr(message_id, 1, 200)': storableText(text).slice(0, 200),
			message_id_reversed: reversedKey(text),
			recipient: number,
			recipient_reversed: reversedKey(number),
		};
		return Object.entries(beginnings)
			.filter(([, beginning]) => beginning !== '')
			.map(([key, beginning]) => {
				const [first, last] = [this.add(beginning), this.add(`${beginning}${LAST}`)];
				return { key, condition: `${key} >= ${first} AND ${key} < ${last}` };
			});
	}
}

/** @param conditions - that have to hold together */
export function where(conditions: readonly string[]): string {
	return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}
