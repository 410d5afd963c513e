import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'csv-stringify';
import type { Response } from 'express';
import type { Filters } from '../store/read/filters.js';
import type { FindMessages, ListedMessage } from '../store/read/find-messages.js';
import { ownTurn } from './turns.js';

/** The number of rows to read and write at a time. */
const PAGE_SIZE = 100;
/** A client that does not read for this long is disconnected. */
const IDLE_TIMEOUT_MS = 60_000;

const COLUMNS = [
	{ key: 'messageId', header: 'MessageID' },
	{ key: 'recipient', header: 'Recipient' },
	{ key: 'sender', header: 'Sender' },
	{ key: 'state', header: 'State' },
	{ key: 'mmStatus', header: 'MMStatus' },
	{ key: 'at', header: 'Since (UTC)' },
	{ key: 'operator', header: 'Operator' },
	{ key: 'statusText', header: 'Status text' },
	{ key: 'transactionId', header: 'TransactionID' },
];

/**
 * Matches positions where a spreadsheet could see a formula. Its separator depends on the locale, and it ignores quotes
 * around other separators, so a cell can start after any of them.
 */
const FORMULA_START = /(^|[,;|\t\r\n])((?:[^\S\t\r\n]|")*)(?=[=+@\uFF1D\uFF0B\uFF20\uFF0D-])/g;

/**
 * Streams the messages as CSV, no faster than the client reads. It pauses after each query for as long as that took,
 * because an export can wait and the provider cannot. Text that a spreadsheet would run as a formula is prefixed with
 * an apostrophe, and a byte order mark identifies the file as UTF-8.
 */
export async function sendCsv(
	res: Response,
	messages: FindMessages,
	filters: Filters,
	idleTimeoutMs = IDLE_TIMEOUT_MS,
): Promise<void> {
	// read before the response starts, so that a failure can still be reported
	const first = await messages.find({ filters }, PAGE_SIZE);
	res.setTimeout(idleTimeoutMs, () => res.destroy());
	const day = new Date().toISOString().slice(0, 10);
	res.attachment(`messages-${day}.csv`).set('Cache-Control', 'no-store');
	const cast = {
		date: (date: Date) => date.toISOString(),
		string: (text: string) => text.replace(FORMULA_START, "$1$2'"),
	};
	const csv = stringify({ header: true, columns: COLUMNS, bom: true, quoted: true, cast });
	await pipeline(Readable.from(pagesFrom(first, messages, filters)), csv, res);
}

async function* pagesFrom(
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
