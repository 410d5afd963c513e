import { setTimeout as pause } from 'node:timers/promises';
import { type DeliveryReport, Mm7Error, parseRequest, type ReadReply } from 'mm7-delivery-reports';
import type { Logger } from '../log.js';
import type { RefusedQueries, StoredRefusal } from './read/refused.js';
import { withoutReference } from './refusal-reasons.js';
import type { RefusalRepository } from './refusal-repository.js';
import type { ReportRepository } from './report-repository.js';

/** How today's code reads a refused request: as a report, or not, for a reason. */
export type Reading =
	| { readonly report: DeliveryReport | ReadReply; readonly xml: string }
	| { readonly report?: undefined; readonly reason: string; readonly message: string };

/** What happened to requests that were read again. */
export interface ReadAgainResult {
	/** The number of requests that became reports. They are no longer among the refused requests. */
	readonly stored: number;
	/** The number of requests whose report was already stored, because the provider resent it. They are gone, too. */
	readonly duplicates: number;
	/** The number of requests that still cannot be read, by today's reason. */
	readonly refused: ReadonlyMap<string, number>;
}

/** Which requests to read again. */
export type ReadAgainChoice = { readonly id: string } | { readonly reason: string };

/** Stores refused requests that today's code can read. */
export interface ReadAgain {
	/** Stores each report with its original arrival time, unless it is stored already. */
	readAgain(choice: ReadAgainChoice): Promise<ReadAgainResult>;
	/**
	 * Logs how many of the newest requests can be read now, although they could not when they arrived. To be called at
	 * startup: the inbox may have been updated.
	 */
	logReadable(log: Logger, signal: AbortSignal): Promise<void>;
}

/** The number of requests to load at a time. */
const STEP_SIZE = 20;
/** The number of requests to try at startup. */
const MAX_TRIED = 1000;
/** The pause after each step, as a multiple of its duration, so that reading does not delay reports. */
const PAUSE_RATIO = 1;

/** Reasons for which readable reports are refused: the failure was here. */
const READABLE = ['ERR_MM7_HANDLER_FAILED', 'ERR_MM7_HANDLER_TIMEOUT', 'ERR_MM7_SERVICE_ERROR'];

/** Makes the functions that read refused requests again. */
export function readAgainWith(
	refused: Pick<RefusedQueries, 'one' | 'listWhole'>,
	refusals: Pick<RefusalRepository, 'delete'>,
	reports: Pick<ReportRepository, 'store'>,
): ReadAgain {
	/** Loads requests in steps, the newest first. */
	async function* steps(reason?: string): AsyncGenerator<readonly StoredRefusal[]> {
		let before: string | undefined;
		do {
			const start = performance.now();
			const step = await refused.listWhole(STEP_SIZE, { reason, before });
			yield step;
			before = step.length < STEP_SIZE ? undefined : step.at(-1)?.id;
			await pause((performance.now() - start) * PAUSE_RATIO);
		} while (before !== undefined);
	}

	async function* chosen(choice: ReadAgainChoice): AsyncGenerator<readonly StoredRefusal[]> {
		if ('reason' in choice) yield* steps(choice.reason);
		else yield [await refused.one(choice.id)].filter((request) => request !== undefined);
	}

	return {
		async readAgain(choice) {
			const results = { current: 0, superseded: 0, duplicate: 0 };
			const stillRefused = new Map<string, number>();
			for await (const step of chosen(choice)) {
				for (const request of step) {
					const reading = await readToday(request);
					if (reading.report === undefined) {
						stillRefused.set(reading.reason, (stillRefused.get(reading.reason) ?? 0) + 1);
						continue;
					}
					const { provider } = request;
					const { result } = await reports.store(reading.report, { xml: reading.xml, provider });
					// if this process dies in between, the next attempt finds a duplicate
					await refusals.delete(request.id);
					results[result]++;
				}
			}
			const { current, superseded, duplicate } = results;
			return { stored: current + superseded, duplicates: duplicate, refused: stillRefused };
		},
		async logReadable(log, signal) {
			let tried = 0;
			let readable = 0;
			for await (const step of steps()) {
				for (const request of step) {
					if (request.kept === 0 || READABLE.includes(request.reason)) continue;
					tried++;
					if ((await readToday(request)).report !== undefined) readable++;
				}
				if (signal.aborted || tried >= MAX_TRIED) break;
			}
			if (readable > 0) {
				log.info({ readable, tried }, 'refused requests can be read now: open Refused on the page and read them again');
			}
		},
	};
}

/** Reads a refused request with today's code. Stores nothing. */
export async function readToday({ body, size, headers, receivedAt }: StoredRefusal): Promise<Reading> {
	if (body.length === 0) return { reason: 'NO_BODY', message: 'No body is kept of this request' };
	if (body.length < size) return { reason: 'NO_BODY', message: 'Only the beginning of the body is kept' };
	try {
		const { envelope, report, readReply } = await parseRequest(body, headers, { receivedAt });
		const read = report ?? readReply;
		if (read) return { report: read, xml: envelope.xml };
		return { reason: 'ERR_MM7_OPERATION', message: `This is another operation: ${envelope.operation}` };
	} catch (error) {
		if (error instanceof Mm7Error) return { reason: error.code, message: withoutReference(error.message) };
		throw error;
	}
}
