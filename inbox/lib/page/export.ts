import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'csv-stringify';
import type { Response } from 'express';
import { writeXlsxStream } from 'hucre/xlsx';
import { type Filters, isByStart } from '../store/read/filters.js';
import type { FindMessages, ListedMessage } from '../store/read/find-messages.js';
import { offsetMs, UTC, type Zone } from '../zone.js';
import { ownTurn } from './turns.js';

/** The number of rows to read and write at a time. */
const PAGE_SIZE = 100;

const COLUMNS = [
	{ key: 'messageId', header: 'MessageID', width: 24 },
	{ key: 'recipient', header: 'Recipient', width: 18 },
	{ key: 'sender', header: 'Sender', width: 12 },
	{ key: 'state', header: 'State', width: 10 },
	{ key: 'mmStatus', header: 'MMStatus', width: 14 },
	{ key: 'at', header: 'Since', width: 20, numFmt: 'yyyy-mm-dd hh:mm:ss' },
	{ key: 'operator', header: 'Operator', width: 10 },
	{ key: 'statusText', header: 'Status text', width: 40 },
	{ key: 'transactionId', header: 'TransactionID', width: 24 },
];

/** The columns, with the meaning and the zone of the times. */
function columnsFor(filters: Filters, zone: Zone) {
	const header = `${isByStart(filters) ? 'Started' : 'Since'} (${zone})`;
	return COLUMNS.map((column) => (column.key === 'at' ? { ...column, header } : column));
}

/**
 * Matches positions where a spreadsheet could see a formula. Its separator depends on the locale, and it ignores quotes
 * around other separators, so a cell can start after any of them.
 */
const FORMULA_START = /(^|[,;|\t\r\n])((?:[^\S\t\r\n]|")*)(?=[=+@\uFF1D\uFF0B\uFF20\uFF0D-])/g;

/** Text that spreadsheets would read as an escaped character, and characters that XML forbids. */
const XLSX_ESCAPE = /_x(?=[\da-f]{4}_)/gi;
const FORBIDDEN = /[\uFFFE\uFFFF]/g;

interface ExportOptions {
	/** The zone of the times in a workbook, which has no offsets. Default: UTC. */
	readonly zone?: Zone | undefined;
}

/** Sends messages as a file. */
type Send = (res: Response, messages: FindMessages, filters: Filters, options?: ExportOptions) => Promise<void>;

/**
 * Sends the messages as CSV, for programs: ids are unchanged, so a spreadsheet would round long ones. Text that a
 * spreadsheet would run as a formula is prefixed with an apostrophe, and a byte order mark identifies the file as UTF-8.
 */
export const sendCsv: Send = async (res, messages, filters) => {
	const cast = {
		date: (date: Date) => date.toISOString(),
		string: (text: string) => text.replace(FORMULA_START, "$1$2'"),
	};
	const csv = stringify({ header: true, columns: columnsFor(filters, UTC), bom: true, quoted: true, cast });
	const rows = await startFile('csv', res, messages, filters);
	await pipeline(Readable.from(rows), csv, res);
};

/**
 * Sends the messages as a workbook, for people: ids and numbers are text, and times are times. After a million rows a
 * sheet is full, and the next one starts.
 */
export const sendXlsx: Send = async (res, messages, filters, { zone = UTC } = {}) => {
	const rows = cellsOf(await startFile('xlsx', res, messages, filters), zone);
	const workbook = writeXlsxStream(rows, {
		name: 'Messages',
		columns: columnsFor(filters, zone),
		freezePane: { rows: 1 },
		zip64: true,
	});
	await pipeline(Readable.fromWeb(workbook as ReadableStream), res);
};

/** Starts the response, and returns the rows, which are read from the database as they are written. */
async function startFile(
	extension: string,
	res: Response,
	messages: FindMessages,
	filters: Filters,
): Promise<AsyncIterable<ListedMessage>> {
	// read before the response starts, so that a failure can still be reported
	const first = await messages.find({ filters }, PAGE_SIZE);
	const day = new Date().toISOString().slice(0, 10);
	res.attachment(`messages-${day}.${extension}`).set('Cache-Control', 'no-store');
	return rowsFrom(first, messages, filters);
}

/**
 * Reads the messages page by page. It pauses after each query for as long as that took, because an export can wait and
 * the provider cannot.
 */
async function* rowsFrom(
	first: readonly ListedMessage[],
	messages: FindMessages,
	filters: Filters,
): AsyncGenerator<ListedMessage> {
	let page = first;
	while (true) {
		await ownTurn();
		yield* page;
		if (page.length < PAGE_SIZE) return;
		const start = performance.now();
		page = await messages.find({ filters, before: page.at(-1) }, PAGE_SIZE);
		await pause(performance.now() - start);
	}
}

async function* cellsOf(rows: AsyncIterable<ListedMessage>, zone: Zone): AsyncGenerator<Record<string, unknown>> {
	for await (const row of rows) {
		const texts = Object.entries(row).map(([name, value]) => [
			name,
			typeof value === 'string' ? cellText(value) : value,
		]);
		yield { ...Object.fromEntries(texts), at: new Date(row.at.getTime() + offsetMs(row.at, zone)) };
	}
}

function cellText(text: string): string {
	return text.replace(XLSX_ESCAPE, '_x005F_x').replace(FORBIDDEN, '\uFFFD');
}
