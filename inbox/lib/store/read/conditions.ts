import type { Value } from '../database.js';
import { MESSAGE_KEY_SQL } from '../report-row.js';
import { endKeysOf, reversedKey, searchKeysOf } from '../search-key.js';
import { storableText } from '../storable.js';
import { type Cursor, type Filters, isByStart, type Position, type TimeFilters } from './filters.js';
import { searchedTexts } from './search-text.js';

/** Appended to a prefix, sorts after every text with that prefix. */
const LAST = '\u{10FFFF}';
/** The length of ids in indexes. */
const MAX_INDEXED_LENGTH = 200;
/** The length of words in `messages`. */
const MAX_WORD_LENGTH = 100;

/** Statements have a limited number of parts. */
const MAX_SENDERS = 100;

/** The filters that correspond to a column of the counters. */
export type ColumnFilters = Pick<Filters, 'state' | 'mmStatus' | 'operator' | 'provider'>;

/** One way in which a message can match a filter. Each has its own index. */
export interface Match {
	/** The table that has the index; one of its rows with the key of a message makes the message match. */
	readonly table: 'messages' | 'reports';
	/** The indexed expression. */
	readonly key: string;
	/** The condition on it. */
	readonly condition: string;
	/** Whether the index has the order of the list. */
	readonly isSorted: boolean;
}

/** A range from `from` (inclusive) to `to` (exclusive); undefined: unbounded. The others are positions in the list. */
export interface TimeRange extends Position {
	readonly from?: Date | undefined;
	readonly to?: Date | undefined;
}

/** The time of a message that a list is sorted by, and the counts of the counters for it. */
export interface ListOrder {
	readonly time: 'received_at' | 'started_at';
	readonly counted: 'changed' | 'started';
}

const BY_CHANGE: ListOrder = { time: 'received_at', counted: 'changed' };
const BY_START: ListOrder = { time: 'started_at', counted: 'started' };

export function orderOf(filters: TimeFilters): ListOrder {
	return isByStart(filters) ? BY_START : BY_CHANGE;
}

/** Collects the values of a statement while its SQL is built. */
export class Parameters {
	readonly values: Value[] = [];

	/** Adds a value and returns its SQL placeholder. */
	add(value: Value): string {
		return `$${this.values.push(value)}`;
	}

	/** Adds the values of a list, such as `($1, $2)`. */
	#list(values: readonly string[]): string {
		return `(${values.map((value) => this.add(value)).join(', ')})`;
	}

	/** Conditions on the columns that `messages` and `counters` share. */
	columns({ state, mmStatus, operator, provider }: ColumnFilters): string[] {
		const words = { mm_status: mmStatus, operator_id: operator, provider };
		const conditions = Object.entries(words).map(
			([name, values]) => values && `${bareWordSql(name)} IN ${this.#list(values.map(bareWord))}`,
		);
		return [state && `state IN ${this.#list(state)}`, ...conditions].filter((one) => one !== undefined);
	}

	/** Conditions on `messages` with at most one lower and one upper bound, so that they form a single index range. */
	range({ from, to, before, after }: TimeRange, { time }: ListOrder): string[] {
		const beyond = (cursor: Cursor, operator: '<' | '>') => {
			const [at, id] = [this.add(cursor.at), this.add(cursor.reportId)];
			return `(${time}, report_id) ${operator} (${at}, CAST(${id} AS bigint))`;
		};
		const conditions: string[] = [];
		if (after && !(from && from > after.at)) conditions.push(beyond(after, '>'));
		else if (from) conditions.push(`${time} >= ${this.add(from)}`);
		if (before && !(to && to <= before.at)) conditions.push(beyond(before, '<'));
		else if (to) conditions.push(`${time} < ${this.add(to)}`);
		return conditions;
	}

	#match(key: string, condition: string, other: Partial<Match> = {}): Match {
		return { table: 'messages', key, condition, isSorted: false, ...other };
	}

	#startsWith(key: string, starts: readonly string[], other?: Partial<Match>): Match[] {
		return starts
			.filter((start) => start !== '')
			.map((start) => {
				const [first, last] = [this.add(start), this.add(`${start}${LAST}`)];
				return this.#match(key, `${key} >= ${first} AND ${key} < ${last}`, other);
			});
	}

	#isOneOf(key: string, values: readonly string[], other?: Partial<Match>): Match[] {
		return values.length === 0 ? [] : [this.#match(key, `${key} IN ${this.#list([...new Set(values)])}`, other)];
	}

	/** An index has only the beginning of an id. */
	#isId(column: string, ids: readonly string[], other?: Partial<Match>): Match[] {
		const stored = ids.map(storableText);
		return this.#isOneOf(beginningOf(column), stored.map(indexed), other).map((match) => ({
			...match,
			condition: `${match.condition} AND ${column} IN ${this.#list(stored)}`,
		}));
	}

	/**
	 * The ways in which a message can match the text of the search field.
	 *
	 * @param partOf - restricts the search for a part of a number
	 */
	text(text: string, senders: readonly string[], partOf = (part: string) => part): Match[] {
		const { whole, end, listed } = searchedTexts(text);
		const ids = [...(end === undefined ? [whole] : []), ...listed];
		const numbers = listed.flatMap(searchKeysOf);
		const ends = end === undefined ? [] : this.#ends(end, partOf);
		return [...ends, ...this.ids(ids), ...this.#isOneOf('recipient', numbers), ...this.senders(senders)];
	}

	#ends(end: string, partOf: (part: string) => string): Match[] {
		const beginning = indexed(storableText(end));
		return [
			...this.#startsWith(beginningOf('message_id'), [beginning]),
			...this.#startsWith('message_id_reversed', [reversedKey(end)]),
			...this.recipients([`${end}*`, `*${end}`].map(partOf)),
			...this.#startsWith('reference', [beginning]),
			...this.#startsWith(beginningOf('transaction_id'), [beginning], { table: 'reports' }),
		];
	}

	/** The ways to have one of several complete ids of any kind. */
	ids(ids: readonly string[]): Match[] {
		return [...this.messageIds(ids), ...this.references(ids), ...this.transactionIds(ids)];
	}

	messageIds(ids: readonly string[]): Match[] {
		return this.#isId('message_id', ids);
	}

	transactionIds(ids: readonly string[]): Match[] {
		return this.#isId('transaction_id', ids, { table: 'reports' });
	}

	references(references: readonly string[]): Match[] {
		return this.#isOneOf('reference', references.map(storableText));
	}

	/** @param numbers - complete, or the beginning or end of one with a `*` instead of the rest */
	recipients(numbers: readonly string[]): Match[] {
		const complete = numbers.filter((number) => !number.startsWith('*') && !number.endsWith('*'));
		const beginnings = numbers.filter((number) => number.endsWith('*')).map((number) => number.slice(0, -1));
		const ends = numbers.filter((number) => number.startsWith('*')).map((number) => number.slice(1));
		return [
			...this.#isOneOf('recipient', complete.flatMap(searchKeysOf)),
			...this.#startsWith('recipient', beginnings.flatMap(searchKeysOf)),
			...this.#startsWith('recipient_reversed', ends.flatMap(endKeysOf).map(reversedKey)),
		];
	}

	/** @param keys - complete; if there are few, one index range each, which has the order of the list */
	senders(keys: readonly string[]): Match[] {
		if (keys.length > MAX_SENDERS) return this.#isOneOf('sender', keys);
		return keys.map((key) => this.#match('sender', `sender = ${this.add(key)}`, { isSorted: true }));
	}
}

/** Checks whether a stored sender matches a value of the filter. */
export function matchesSender(sender: string, key: string): boolean {
	if (sender.endsWith('*')) return searchKeysOf(sender.slice(0, -1)).some((beginning) => key.startsWith(beginning));
	if (sender.startsWith('*')) return endKeysOf(sender.slice(1)).some((end) => key.endsWith(end));
	return searchKeysOf(sender).some((complete) => bareWord(complete) === bareWord(key));
}

/** A condition on `messages`, for rows that another condition finds. */
export function conditionOf({ table, key, condition }: Match): string {
	if (table === 'messages') return condition;
	// once per statement: usually no report matches, and then those of each message need not be read
	const hasMatches = `(SELECT count(*) FROM (SELECT 1 FROM reports WHERE ${condition} ORDER BY ${key} LIMIT 1) AS found) > 0`;
	return `${hasMatches} AND EXISTS (SELECT 1 FROM reports
		WHERE duplicate_key >= messages.key || '.' AND duplicate_key < messages.key || '/' AND (${condition}) IS TRUE)`;
}

/** The same as the condition that finds the rows, in an index. */
export function indexConditionOf({ table, condition }: Match): string {
	return table === 'messages' ? condition : `key IN (SELECT ${MESSAGE_KEY_SQL} FROM reports WHERE ${condition})`;
}

/** A word that is equal for all spellings, compared like the library does. ASCII only, as in SQLite. */
export function bareWord(text: string): string {
	return storableText(text)
		.slice(0, MAX_WORD_LENGTH)
		.replace(/[ _-]/g, '')
		.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The same in SQL. */
export function bareWordSql(column: string): string {
	return `lower(replace(replace(replace(${column}, ' ', ''), '-', ''), '_', ''))`;
}

function beginningOf(column: string): string {
	return `substr(${column}, 1, ${MAX_INDEXED_LENGTH})`;
}

/** The databases count characters, not UTF-16 code units. */
function indexed(text: string): string {
	return Array.from(text).slice(0, MAX_INDEXED_LENGTH).join('');
}

/** @param conditions - joined by AND */
export function where(conditions: readonly string[]): string {
	return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}
