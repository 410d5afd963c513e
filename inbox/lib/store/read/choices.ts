import type { Database } from '../database.js';
import { isMasked } from '../masking.js';
import { bareWordSql, orderOf, Parameters } from './conditions.js';
import { countersOf } from './counted-hours.js';
import { type TimeFilters, timeRange } from './filters.js';

/** A value of a filter that messages have, and how many. */
export interface Choice {
	readonly value: string;
	readonly count: number;
}

/** The values of the filters that messages have, the most frequent ones first. */
export type Choices = Readonly<Record<'mmStatus' | 'sender' | 'operator' | 'provider', readonly Choice[]>>;

/** Reads the choices of the whole hours that the time range of the filters touches. */
export type ReadChoices = (filters: TimeFilters) => Promise<Choices>;

const MAX_CHOICES = 100;
const HOUR_MS = 3_600_000;

/** Creates the query, which reads the counters and never the messages. */
export function readChoices(database: Database): ReadChoices {
	return async function choices(filters) {
		const { from, to } = timeRange(filters);
		const { counted } = orderOf(filters);
		async function most(table: string, column: string): Promise<Choice[]> {
			const parameters = new Parameters();
			const hours = {
				first: from && Math.floor(from.getTime() / HOUR_MS),
				end: to && Math.ceil(to.getTime() / HOUR_MS),
			};
			return database.query<Choice>(
				`SELECT min(value) AS "value", CAST(sum(count) AS integer) AS "count"
				FROM (
					SELECT ${column} AS value, sum(${counted}) AS count
					FROM (${countersOf(table, hours, parameters)}) AS cell WHERE ${column} <> '' GROUP BY ${column}
				) AS spelling
				GROUP BY ${bareWordSql('value')} HAVING sum(count) > 0
				ORDER BY sum(count) DESC, min(value) LIMIT ${MAX_CHOICES}`,
				parameters.values,
			);
		}
		const [mmStatus, sender, operator, provider] = await Promise.all([
			most('counters', 'mm_status'),
			most('sender_counters', 'sender'),
			most('counters', 'operator_id'),
			most('counters', 'provider'),
		]);
		return {
			...{ mmStatus, operator, provider },
			// a masked number cannot be chosen
			sender: database.masksNumbers ? sender.filter(({ value }) => !isMasked(value)) : sender,
		};
	};
}
