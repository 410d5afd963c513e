import type { Value } from '../database.js';
import { reversedKey, searchKeyOf } from '../search-key.js';
import { storableText } from '../storable.js';
import type { Cursor, Filters } from './filters.js';

/** Appended to a prefix, sorts after every text with that prefix. */
const LAST = '\u{10FFFF}';

/** The filters that correspond to a column. */
export type ColumnFilters = Pick<Filters, 'state' | 'mmStatus' | 'operator'>;

/** A prefix condition on a key, which an index can serve. */
export interface End {
	readonly key: string;
	readonly condition: string;
}

/** A range from `from` (inclusive) to `to` (exclusive); undefined: unbounded. `before` is a position in the list. */
export interface TimeRange {
	readonly from?: Date | undefined;
	readonly to?: Date | undefined;
	readonly before?: Cursor | undefined;
}

/** Collects the values of a statement while its SQL is built. */
export class Parameters {
	readonly values: Value[] = [];

	/** Adds a value and returns its SQL placeholder. */
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

	/** Conditions on `messages` with at most one lower and one upper bound, so that they form a single index range. */
	range({ from, to, before }: TimeRange): string[] {
		const conditions = from ? [`received_at >= ${this.add(from)}`] : [];
		if (before && !(to && to <= before.at)) {
			const [at, id] = [this.add(before.at), this.add(before.reportId)];
			conditions.push(`(received_at, report_id) < (${at}, CAST(${id} AS bigint))`);
		} else if (to) conditions.push(`received_at < ${this.add(to)}`);
		return conditions;
	}

	/** One condition for each end of an id or number that the text can match; each has its own index. */
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

/** @param conditions - joined by AND */
export function where(conditions: readonly string[]): string {
	return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}
