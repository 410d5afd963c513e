import type { Value } from '../database.js';
import { reversedKey, searchKeyOf } from '../search-key.js';
import { storableText } from '../storable.js';
import { type Cursor, type Filters, timeRange } from './filters.js';

/** Sorts after every text with the same beginning. */
const LAST = '\u{10FFFF}';

/** A condition on the beginning of a key. */
export interface End {
	readonly key: string;
	readonly condition: string;
}

/** Conditions on the table `messages`, and the values of their parameters. */
export class Conditions {
	readonly values: Value[] = [];
	readonly #conditions: string[] = [];

	constructor(filters: Omit<Filters, 'text'>, now: Date) {
		const { state, mmStatus, operator } = filters;
		const { from, to } = timeRange(filters, now);
		if (from) this.and(`received_at >= ${this.parameter(from)}`);
		if (to) this.and(`received_at < ${this.parameter(to)}`);
		if (state) this.and(`state = ${this.parameter(state)}`);
		if (mmStatus) this.and(`mm_status = ${this.parameter(mmStatus)}`);
		if (operator) this.and(`operator_id = ${this.parameter(operator)}`);
	}

	/** Takes a value, and gives what stands for it in SQL. */
	parameter(value: Value): string {
		return `$${this.values.push(value)}`;
	}

	and(condition: string): void {
		this.#conditions.push(condition);
	}

	/** Only what comes later in the list. */
	after({ at, reportId }: Cursor): void {
		const [time, id] = [this.parameter(at), this.parameter(reportId)];
		this.and(`(received_at, report_id) < (${time}, CAST(${id} AS bigint))`);
	}

	/** One condition for each end of an id or number that the text may be; each key has an index of its own. */
	ends(text: string): End[] {
		const number = searchKeyOf(text);
		const beginnings = {
			'substr(message_id, 1, 200)': storableText(text).slice(0, 200),
			message_id_reversed: reversedKey(text),
			recipient: number,
			recipient_reversed: reversedKey(number),
			sender: number,
			sender_reversed: reversedKey(number),
		};
		return Object.entries(beginnings)
			.filter(([, beginning]) => beginning !== '')
			.map(([key, beginning]) => {
				const [first, last] = [this.parameter(beginning), this.parameter(`${beginning}${LAST}`)];
				return { key, condition: `${key} >= ${first} AND ${key} < ${last}` };
			});
	}

	/** @param more - another condition */
	where(more?: string): string {
		const all = more === undefined ? this.#conditions : [...this.#conditions, more];
		return all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`;
	}
}
