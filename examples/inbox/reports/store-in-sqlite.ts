import type { Columns, Database, Value } from '../database/database.js';
import { MESSAGE_COLUMNS, REPORT_COLUMNS, type ReportRows } from './report-row.js';
import { storableJson, storableText } from './storable.js';
import { type Added, MESSAGE_NAMES, REPORT_NAMES, UNLESS_GREATER_SQL } from './store-sql.js';

/** Most rows in one statement. Their numbers are powers of two, so that few statements have to be prepared. */
const MOST_ROWS = 64;

type Column = readonly [name: string, type: Columns[string]];

const REPORT: readonly Column[] = Object.entries(REPORT_COLUMNS);
/** The duplicate key comes first, by which the statement finds the report. */
const MESSAGE: readonly Column[] = Object.entries(MESSAGE_COLUMNS);

/** The two statements for that number of rows. */
interface Statements {
	readonly addReports: string;
	readonly updateMessages: string;
}

const statements = new Map<number, Statements>();

function statementsFor(rows: number): Statements {
	let made = statements.get(rows);
	if (made === undefined) {
		made = { addReports: addReportsSql(rows), updateMessages: updateMessagesSql(rows) };
		statements.set(rows, made);
	}
	return made;
}

function addReportsSql(rows: number): string {
	return `
		INSERT INTO reports (${REPORT_NAMES}) VALUES ${repeat(rows, `(${repeat(REPORT_NAMES.length, '?')})`)}
		ON CONFLICT (duplicate_key) DO NOTHING
		RETURNING id, duplicate_key AS duplicateKey`;
}

/** Copies do not matter: what they say of their message is not greater than what their first has said. */
function updateMessagesSql(rows: number): string {
	const report = '(SELECT id FROM reports WHERE duplicate_key = ?)';
	return `
		INSERT INTO messages (report_id, ${MESSAGE_NAMES})
		VALUES ${repeat(rows, `(${report}, ${repeat(MESSAGE_NAMES.length, '?')})`)}
		${UNLESS_GREATER_SQL}
		RETURNING key, report_id AS reportId`;
}

function repeat(times: number, sql: string): string {
	return Array<string>(times).fill(sql).join(', ');
}

/** Stores reports in SQLite, as rows of bound values; records in JSON, as PostgreSQL gets them, are no quicker here. */
export async function storeInSqlite(database: Database, rows: readonly ReportRows[]): Promise<Added> {
	const groups = inGroups(rows);
	const results = await database.write(
		...groups.map((group) => ({
			sql: statementsFor(group.length).addReports,
			values: group.flatMap(({ report }) => valuesOf(report, REPORT)),
		})),
		...groups.map((group) => ({
			sql: statementsFor(group.length).updateMessages,
			values: group.flatMap(({ message }) => valuesOf(message, MESSAGE)),
		})),
	);
	const added = results.slice(0, groups.length).flat() as { id: number; duplicateKey: string }[];
	const updated = results.slice(groups.length).flat() as { key: string; reportId: number }[];
	// of several reports of a message the last that was written is the greatest
	const current = new Set(new Map(updated.map(({ key, reportId }) => [key, reportId])).values());
	return new Map(added.map(({ id, duplicateKey }) => [duplicateKey, current.has(id) ? 'current' : 'superseded']));
}

function inGroups(rows: readonly ReportRows[]): (readonly ReportRows[])[] {
	const groups: (readonly ReportRows[])[] = [];
	for (let start = 0; start < rows.length; ) {
		const size = 2 ** Math.floor(Math.log2(Math.min(rows.length - start, MOST_ROWS)));
		groups.push(rows.slice(start, start + size));
		start += size;
	}
	return groups;
}

/** The values of a row, in the order of the columns. */
function valuesOf(row: Readonly<Record<string, unknown>>, columns: readonly Column[]): Value[] {
	return columns.map(([name, type]) => {
		const value = row[name] ?? null;
		if (value === null) return null;
		if (type === 'jsonb') return storableJson(value);
		return typeof value === 'string' ? storableText(value) : (value as Value);
	});
}
