import type { Database, Dialect } from './database.js';

/**
 * Message counts per hour and per longer unit of time. They are updated in the transaction that changes `messages`, so
 * statistics and lists do not have to read that table. `changed` counts a message at the time of the report that
 * determines its state; `started` counts it at its submission or, if that is unknown, at its first report.
 *
 * One table combines all columns with few values. There can be many senders, so they are combined only with the state.
 * The reasons of failures are separate, because most messages have none.
 */
interface Counter {
	readonly table: string;
	/** The key in addition to `hour`: each column, and its value for a row of `messages`. */
	readonly key: Readonly<Record<string, string>>;
	/** An SQL condition for the messages to count. Default: all. */
	readonly where?: string;
}

/** A unit of time whose counts are kept. */
export interface CountedUnit {
	readonly hours: number;
	/** The value of the column `hour` for the first unit of 1970; later ones follow. */
	readonly first: number;
}

/** The units, longest first: eight days, days and hours of UTC. A long range consists of few long units. */
export const COUNTED_UNITS: readonly CountedUnit[] = [
	{ hours: 192, first: -2_000_000_000 },
	{ hours: 24, first: -1_000_000_000 },
	{ hours: 1, first: 0 },
];

/**
 * Upper bounds of the delivery time buckets, in seconds: ten per decade, up to eleven days, including 1, 5 and 10
 * minutes. Sums of bucket counts are exact, so percentiles can be computed for any time range.
 */
export const DELIVERY_SECONDS: readonly number[] = [1, 10, 100, 1_000, 10_000, 100_000].flatMap((unit) =>
	[1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8].map((factor) => unit * factor).filter(Number.isInteger),
);

/** Generates the SQL for the counters of a database. */
export function counters({ epochSeconds }: Pick<Dialect, 'epochSeconds'>) {
	const seconds = `${epochSeconds('received_at')} - ${epochSeconds('submitted_at')}`;
	const bounds = DELIVERY_SECONDS.map((bound) => `WHEN ${seconds} <= ${bound} THEN ${bound}`).join(' ');
	const all: readonly Counter[] = [
		{
			table: 'counters',
			key: { provider: 'provider', operator_id: `coalesce(operator_id, '')`, mm_status: 'mm_status', state: 'state' },
		},
		{ table: 'sender_counters', key: { provider: 'provider', sender: `coalesce(sender, '')`, state: 'state' } },
		{
			table: 'delivery_times',
			key: { provider: 'provider', seconds: `CASE ${bounds} ELSE ${DELIVERY_SECONDS.at(-1)} END` },
			// a read reply, whose rank starts with a hyphen, says nothing about the time of delivery
			where: `submitted_at IS NOT NULL AND state = 'delivered' AND substr(rank, 1, 1) <> '-'`,
		},
		{
			table: 'failure_counters',
			key: { provider: 'provider', mm_status: 'mm_status', reason: `coalesce(reason, '')` },
			where: `state = 'failed'`,
		},
	];

	/** A SELECT that counts rows with the columns of `messages`, each `sign` times. */
	function countSql({ key, where = 'true' }: Counter, rows: string): string {
		const names = Object.keys(key).join(', ');
		const values = Object.entries(key).map(([name, value]) => `${value} AS ${name}`);
		const select = ({ hours, first }: CountedUnit, time: string, changed: string, started: string) =>
			`SELECT ${first} + ${epochSeconds(time)} / ${hours * 3_600} AS hour, ${values.join(', ')},
			${changed} AS changed, ${started} AS started FROM ${rows} WHERE ${where}`;
		const cells = COUNTED_UNITS.flatMap((unit) => [
			select(unit, 'received_at', 'sign', '0'),
			select(unit, 'started_at', '0', 'sign'),
		]);
		return `SELECT hour, ${names}, CAST(sum(changed) AS bigint) AS changed, CAST(sum(started) AS bigint) AS started
			FROM (${cells.join(' UNION ALL ')}) AS cell
			GROUP BY hour, ${names} HAVING sum(changed) <> 0 OR sum(started) <> 0`;
	}

	return {
		/** The columns of `messages` that the counters depend on. */
		columns: [
			...['provider', 'operator_id', 'mm_status', 'state', 'sender', 'reason'],
			...['submitted_at', 'started_at', 'received_at', 'rank'],
		],
		/**
		 * Statements that add rows to the counters.
		 *
		 * @param rows - a table or SELECT with the columns of `messages` and `sign`, and an alias
		 */
		addSql: (rows: string): string[] =>
			all.map((counter) => {
				const { table, key } = counter;
				const columns = ['hour', ...Object.keys(key)].join(', ');
				return `INSERT INTO ${table} (${columns}, changed, started) SELECT * FROM (${countSql(counter, rows)}) AS counted
					WHERE true ON CONFLICT (${columns}) DO UPDATE SET
					changed = ${table}.changed + excluded.changed, started = ${table}.started + excluded.started`;
			}),
		/** SELECTs of the counts that do not match `messages`, with the table's name; they return no rows if all match. */
		checkSql: all.map((counter) => {
			const { table, key } = counter;
			const columns = ['hour', ...Object.keys(key), 'changed', 'started'].join(', ');
			const kept = `SELECT ${columns} FROM ${table} WHERE changed <> 0 OR started <> 0`;
			const counted = countSql(counter, '(SELECT 1 AS sign, messages.* FROM messages) AS message');
			return `SELECT '${table}' AS "table", 'kept' AS "only", * FROM (${kept} EXCEPT ${counted}) AS extra
				UNION ALL SELECT '${table}', 'counted', * FROM (${counted} EXCEPT ${kept}) AS missing`;
		}),
		/** Statements that delete zero counts before hour `$1`. */
		sweepSql: all.map(({ table }) => `DELETE FROM ${table} WHERE hour < $1 AND changed = 0 AND started = 0`),
	};
}

/** Recounts all messages, for tests, and returns the counts that are wrong. */
export async function wrongCounts(database: Pick<Database, 'dialect' | 'search'>): Promise<object[]> {
	const found = [];
	for (const sql of counters(database.dialect).checkSql) found.push(...(await database.search(sql)));
	return found;
}
