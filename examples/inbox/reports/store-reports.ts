import type { Database } from '../database/database.js';
import type { ReportRows } from './report-row.js';
import { storeInPostgres } from './store-in-postgres.js';
import { storeInSqlite } from './store-in-sqlite.js';
import type { Added } from './store-sql.js';

/**
 * Adds the reports that are new, and brings their messages up to date, in one transaction.
 *
 * @param rows - each duplicate key once, in the order of arrival
 */
export function storeReports(database: Database, rows: readonly ReportRows[]): Promise<Added> {
	return database.dialect.name === 'postgres' ? storeInPostgres(database, rows) : storeInSqlite(database, rows);
}
