/** What the inbox needs of a database. PGlite and PostgreSQL speak the same SQL, so this is all that differs. */
export interface Database {
	/** For people: which database this is, without its password. */
	readonly name: string;
	/**
	 * Runs one statement, which is its own transaction: when the promise resolves, what it wrote is on the disk.
	 *
	 * @param values - of `$1`, `$2`, …
	 */
	query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
	/** Runs several statements without values as one transaction. */
	script(sql: string): Promise<void>;
	/**
	 * Calls back for each notification on a channel, from any process on the same database, and whenever some may
	 * have been missed.
	 */
	listen(channel: string, onNotify: () => void): Promise<void>;
	/** Waits for what is running and lets go of the database. */
	close(): Promise<void>;
}
