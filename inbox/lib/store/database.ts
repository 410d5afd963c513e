import type { ReportRows } from './report-row.js';

/** A database as the inbox uses it. SQL that differs between SQLite and PostgreSQL comes from the dialect. */
export interface Database {
	/** A readable name of the database, without its password. */
	readonly name: string;
	readonly dialect: Dialect;
	/**
	 * Runs one statement that reads few rows, regardless of the number of messages.
	 *
	 * @param values - the values of `$1`, `$2`, …
	 * @throws DatabaseError
	 */
	query<Row extends object>(sql: string, values?: readonly Value[]): Promise<Row[]>;
	/** Runs a statement that may read many rows. Such statements wait for each other and do not delay any others. */
	search<Row extends object>(sql: string, values?: readonly Value[]): Promise<Row[]>;
	/**
	 * Runs statements as one transaction. When the promise resolves, their changes are on disk.
	 *
	 * @returns the rows of each statement
	 * @throws DatabaseError, in which case nothing was written
	 */
	write(...statements: Statement[]): Promise<object[][]>;
	/** Whether results show only the last digits of phone numbers. */
	readonly masksNumbers?: boolean;
	/** The size of an embedded database's log, in bytes. */
	readonly logBytes?: () => Promise<number>;
	/** Waits for running statements, then closes the database. */
	close(): Promise<void>;
}

/** What a database engine provides; `openDatabase` makes a database of it. */
export interface Engine extends Pick<Database, 'name' | 'dialect' | 'logBytes' | 'close'> {
	/**
	 * Runs statements as one transaction.
	 *
	 * @param purpose - to read few rows, to read many, or to write
	 * @returns the rows of each statement
	 * @throws DatabaseError
	 */
	run(purpose: 'query' | 'search' | 'write', statements: readonly Statement[]): Promise<object[][]>;
}

/** A statement and the values of its `$1`, `$2`, … */
export interface Statement {
	readonly sql: string;
	readonly values?: readonly Value[];
}

/** A value that both databases accept. SQLite stores times as ISO 8601 text and booleans as 0 and 1. */
export type Value = string | number | boolean | Date | Uint8Array | null;

/** The SQL that differs between the databases. */
export interface Dialect {
	/**
	 * Inserts the reports that are new and updates their messages, in one transaction.
	 *
	 * @param rows - each duplicate key once, in the order of arrival
	 */
	storeReports(database: Database, rows: readonly ReportRows[]): Promise<Added>;
	/** Converts a time to whole seconds since 1970, rounded down. */
	epochSeconds(time: string): string;
	/** The time this many seconds from now, rounded down to milliseconds. */
	timeAfter(seconds: string): string;
	/** Converts the text of a time, as stored, to a time. */
	storedTime(text: string): string;
	/** Keeps other transactions from changing messages until the end of this one; absent if none can anyway. */
	readonly lockMessagesSql?: string;
	/** What a SELECT adds to lock its rows and skip those that another process has locked. */
	readonly skipLocked: string;
	/**
	 * Returns some unused space to the operating system if there is a lot of it.
	 *
	 * @returns whether there may be more to return
	 */
	reclaim(database: Database): Promise<boolean>;
	/** A query for one row, which changes with every commit. */
	readonly versionSql: string;
}

/** The result for each new report, by duplicate key: whether the report now determines its message's state. */
export type Added = ReadonlyMap<string, 'current' | 'superseded'>;

/**
 * Why a statement failed:
 * - `refused`: this statement is at fault; others may succeed;
 * - `slow`: it exceeded its time limit; one that reads less may succeed;
 * - `unavailable`: the database cannot be used at the moment;
 * - `broken`: the database cannot be used until someone fixes it.
 */
export type Failure = 'refused' | 'slow' | 'unavailable' | 'broken';

/** A statement failed. */
export class DatabaseError extends Error {
	override readonly name = 'DatabaseError';

	constructor(
		message: string,
		readonly failure: Failure,
		/** The database's error code, or one of ours such as `TIMEOUT`. */
		readonly code: string,
		options?: ErrorOptions,
	) {
		super(message, options);
	}
}

/** Returns an error's message, or its code: Node.js leaves the message empty if it tried several addresses of one host. */
export function messageOf(error: unknown): string {
	const { message, code } = error as { message?: string; code?: string };
	return message || code || String(error);
}
