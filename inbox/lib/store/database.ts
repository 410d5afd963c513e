import type { ReportRows } from './report-row.js';

/** What the inbox needs of a database. SQL that differs between the two comes from the dialect. */
export interface Database {
	/** For people: which database this is, without its password. */
	readonly name: string;
	readonly dialect: Dialect;
	/**
	 * Reads by one statement that reads little, however many messages there are.
	 *
	 * @param values - of `$1`, `$2`, …
	 * @throws DatabaseError
	 */
	query<Row extends object>(sql: string, values?: readonly Value[]): Promise<Row[]>;
	/** The same for statements that read more: they wait for each other, and no other waits for them. */
	search<Row extends object>(sql: string, values?: readonly Value[]): Promise<Row[]>;
	/**
	 * Runs statements as one transaction: when the promise resolves, what they wrote is on the disk.
	 *
	 * @returns the rows of each
	 * @throws DatabaseError, and then nothing was written
	 */
	write(...statements: Statement[]): Promise<object[][]>;
	/** Bytes of the log of an embedded database. */
	readonly logBytes?: () => Promise<number>;
	/** Waits for what is running and lets go of the database. */
	close(): Promise<void>;
}

/** A statement and the values of its `$1`, `$2`, … */
export interface Statement {
	readonly sql: string;
	readonly values?: readonly Value[];
}

/** A value as both databases take it. SQLite keeps times as text in ISO 8601, and booleans as 0 and 1. */
export type Value = string | number | boolean | Date | Uint8Array | null;

/** The SQL in which the databases differ. */
export interface Dialect {
	/**
	 * Adds the reports that are new, and brings their messages up to date, in one transaction.
	 *
	 * @param rows - each duplicate key once, in the order of arrival
	 */
	storeReports(database: Database, rows: readonly ReportRows[]): Promise<Added>;
	/** Whole seconds since 1970 of a time, rounded down. */
	epochSeconds(time: string): string;
	/**
	 * Returns some unused space to the operating system, if there is much of it.
	 *
	 * @returns whether there may be more
	 */
	reclaim(database: Database): Promise<boolean>;
	/** The one row of this changes whenever anything is committed. */
	readonly versionSql: string;
}

/** Each report that was new, by its duplicate key, and whether its message has its state now. */
export type Added = ReadonlyMap<string, 'current' | 'superseded'>;

/**
 * Why a statement failed:
 * - `refused`: because of this statement; others may succeed;
 * - `slow`: it read for longer than it may; one that reads less may succeed;
 * - `unavailable`: nothing can be done at the moment;
 * - `broken`: nothing can be done any more without help.
 */
export type Failure = 'refused' | 'slow' | 'unavailable' | 'broken';

/** A statement that was not carried out. */
export class DatabaseError extends Error {
	override readonly name = 'DatabaseError';

	constructor(
		message: string,
		readonly failure: Failure,
		/** In the words of the database. */
		readonly code: string,
		options?: ErrorOptions,
	) {
		super(message, options);
	}
}
