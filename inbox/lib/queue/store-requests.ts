import { setTimeout as delay } from 'node:timers/promises';
import type { DeliveryReport, ReadReply } from 'mm7-delivery-reports';
import type { Logger } from '../log.js';
import { DatabaseError } from '../store/database.js';
import type { RefusalRepository } from '../store/refusal-repository.js';
import type { ReportRepository, StoreResult } from '../store/report-repository.js';
import { DEFAULT_PROVIDER } from '../store/report-row.js';
import type { HandleRequest } from './consume.js';

/** Pause between two attempts while the database is down. */
const RETRY_DELAY_MS = 1_000;

/** Where a worker stores requests. */
export interface RequestStore {
	readonly reports: Pick<ReportRepository, 'store'>;
	readonly refusals: Pick<RefusalRepository, 'add'>;
}

/**
 * Makes a worker's handler, which stores each request in the database and all copies of a report once. While the
 * database is down, requests wait here, which does not count as an attempt.
 *
 * @param onStored - called for each report, copies included
 */
export function storeRequests(
	{ reports, refusals }: RequestStore,
	log: Logger,
	onStored: (report: DeliveryReport | ReadReply, result: StoreResult, provider: string) => void = () => {},
): HandleRequest {
	let isDown = false;

	async function store(...[request, key, signal]: Parameters<HandleRequest>): Promise<void> {
		if (request.kind === 'refusals') return refusals.add(request);
		const { report, soap: xml, provider = DEFAULT_PROVIDER } = request;
		const { result } = await reports.store(report, { provider, xml, signal });
		const { messageId, mmStatus, state } = report;
		log.info({ key, provider, messageId, mmStatus, state, stored: result }, 'report stored');
		onStored(report, result, provider);
	}

	return async function storeRequest(request, key, signal) {
		for (;;) {
			try {
				await store(request, key, signal);
				if (isDown) log.info('the database is up again');
				isDown = false;
				return;
			} catch (err) {
				if (!(err instanceof DatabaseError) || err.failure === 'refused') throw err;
				if (!isDown) log.error({ err }, 'the database is down; reports are waiting for it');
				isDown = true;
				await delay(RETRY_DELAY_MS, undefined, { signal });
			}
		}
	};
}
