import { setImmediate as turn } from 'node:timers/promises';
import { type DeliveryReport, parseDeliveryReport } from 'mm7-delivery-reports';
import { deliveryReportRequest } from 'mm7-delivery-reports/testing';
import { COUNTED_UNITS } from '../../lib/store/counters.js';
import type { Database } from '../../lib/store/database.js';
import { ReportRepository } from '../../lib/store/report-repository.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 30;
const SENDERS = 20;
const OPERATORS = 9;
/** The number of reports to store at a time. */
const MAX_GROUP_SIZE = 500;
/** A sender and an operator that only the oldest messages have. */
export const OLD_SENDER = '60001';
export const OLD_OPERATOR = '30001';
const OLD_SHARE = 0.005;

/** The last reports of messages, in realistic proportions. */
const ENDS = [
	...Array(16).fill(['Retrieved', 'delivered', true]),
	['Expired', 'failed', true],
	['Rejected', 'failed', true],
	['Deferred', 'pending', false],
	['Indeterminate', 'unknown', true],
] as readonly [string, DeliveryReport['state'], boolean][];

const MAX_UNITS_PER_WRITE = 720;
/** The rows of each counter per hour: 9 operators, 20 senders, 50 delivery times, and 10 reasons for two MMStatus. */
const FULL_HOUR: Readonly<Record<string, { readonly key: string; readonly numbers: number; readonly values: string }>> =
	{
		counters: {
			key: `'31' || number, mm_status, state`,
			numbers: 9,
			values: `(mm_status, state) AS (VALUES ('Retrieved', 'delivered'), ('Expired', 'failed'), ('Rejected', 'failed'),
			('Deferred', 'pending'), ('Indeterminate', 'unknown'))`,
		},
		sender_counters: {
			key: `'54' || number, state`,
			numbers: 20,
			values: `(state) AS (VALUES ('delivered'), ('failed'), ('pending'), ('unknown'))`,
		},
		delivery_times: { key: '10 * number', numbers: 50, values: '(one) AS (VALUES (1))' },
		failure_counters: {
			key: `mm_status, 'reason ' || number`,
			numbers: 10,
			values: `(mm_status) AS (VALUES ('Expired'), ('Rejected'))`,
		},
	};

/** A report and its XML. */
export interface Sample {
	readonly report: DeliveryReport;
	readonly xml: string;
}

/**
 * Generates the reports of 30 days, from 20 senders and 9 operators to scattered recipients. Every tenth is the second
 * report of a message. MessageIDs and TransactionIDs are sequential, like those of providers.
 */
export async function makeReports(count: number, now: number): Promise<(n: number) => Sample> {
	const fields = { messageId: '{id}', transactionId: '{transaction}', recipient: '{recipient}', sender: '{sender}' };
	const request = deliveryReportRequest({ ...fields, mmStatus: '{status}', statusText: 'Success', date: '{date}' });
	const template = request.body.toString();
	const { body, headers } = deliveryReportRequest({});
	const sample = await parseDeliveryReport(body, headers);

	return function make(n) {
		const message = n % 10 === 9 ? n - 1 : n;
		const isOld = n < count * OLD_SHARE;
		const [mmStatus, state, final] = ENDS[(n * 7) % ENDS.length] as (typeof ENDS)[number];
		const recipient = String(12_000_000_000 + ((message * 2_654_435_761) % 8_000_000_000));
		const sender = isOld ? OLD_SENDER : String(54_000 + ((message * 31) % SENDERS));
		const receivedAt = new Date(now - DAYS * DAY_MS + (DAYS * DAY_MS * (n + 1)) / count);
		const date = new Date(receivedAt.getTime() - 5_000);
		const texts = {
			id: `4800${100_000_000_000 + message}`,
			transaction: `2026031614${1_000_000_000 + n}`,
			recipient: `+${recipient}`,
			sender,
			status: mmStatus,
			date: date.toISOString(),
		};
		return {
			report: {
				...sample,
				transactionId: texts.transaction,
				messageId: texts.id,
				recipient: { kind: 'Number', address: texts.recipient, number: texts.recipient },
				sender: { kind: 'Number', address: sender, number: sender },
				...{ mmStatus, state, final, date, receivedAt, dateText: texts.date },
				operatorId: isOld ? OLD_OPERATOR : String(31_000 + ((message * 17) % OPERATORS)),
			},
			xml: template.replace(/\{(\w+)\}/g, (_, name: keyof typeof texts) => texts[name]),
		};
	};
}

/**
 * Stores reports as the receiver does. The next group is prepared while the last one is being written.
 *
 * @param groupSize - the number of reports that arrive at the same time, which share a transaction
 */
export async function fill(
	database: Database,
	make: (n: number) => Sample,
	{
		from = 0,
		to,
		groupSize = MAX_GROUP_SIZE,
	}: { readonly from?: number; readonly to: number; readonly groupSize?: number },
): Promise<void> {
	const reports = new ReportRepository(database);
	let writing: Promise<unknown> = Promise.resolve();
	for (let start = from; start < to; start += groupSize) {
		const group = Array.from({ length: Math.min(groupSize, to - start) }, (_, index) => make(start + index));
		const stored = Promise.all(group.map(({ report, xml }) => reports.store(report, { xml })));
		await writing;
		writing = stored;
		// its transaction begins
		await turn();
	}
	await writing;
}

/** Fills the counters of at least the last `days`, but no messages: 100 for each value in each hour. */
export async function fillCounters(database: Database, now: number, days: number): Promise<void> {
	const longest = Math.max(...COUNTED_UNITS.map(({ hours }) => hours));
	const end = Math.ceil((now / HOUR_MS + 1) / longest);
	const start = end - Math.ceil((24 * days) / longest) - 1;
	for (const [table, { key, numbers, values }] of Object.entries(FULL_HOUR)) {
		for (const { hours, first } of COUNTED_UNITS) {
			const last = first + (end * longest) / hours - 1;
			for (let from = first + (start * longest) / hours; from <= last; from += MAX_UNITS_PER_WRITE) {
				await database.write({
					sql: `WITH RECURSIVE
							units(unit) AS (SELECT ${from} UNION ALL SELECT unit + 1 FROM units
								WHERE unit < ${Math.min(last, from + MAX_UNITS_PER_WRITE - 1)}),
							numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ${numbers}),
							found${values}
						INSERT INTO ${table}
						SELECT unit, 'default', ${key}, ${100 * hours}, ${100 * hours} FROM units, numbers, found`,
				});
			}
		}
	}
}
