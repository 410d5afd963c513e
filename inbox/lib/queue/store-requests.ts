import { setTimeout as pause } from 'node:timers/promises';
import type { DeliveryReport, ReadReply } from 'mm7-delivery-reports';
import type { Logger } from 'pino';
import { DatabaseError } from '../store/database.js';
import type { ReportRepository, StoreResult } from '../store/report-repository.js';
import type { UnreadableRepository } from '../store/unreadable-repository.js';
import type { HandleRequest } from './consume.js';

/** Between two attempts while the database is away. */
const RETRY_DELAY_MS = 1_000;

/** What a worker stores requests in. */
export interface RequestStore {
	readonly reports: Pick<ReportRepository, 'store'>;
	readonly unreadable: Pick<UnreadableRepository, 'add'>;
}

/**
 * Makes the work of a worker: it stores each request in the database, a report once for all its copies. While the
 * database is away requests wait here, and that counts as no attempt.
 *
 * @param onStored - called for each report, copies included
 */
export function storeRequests(
	{ reports, unreadable }: RequestStore,
	log: Logger,
	onStored: (report: DeliveryReport | ReadReply, result: StoreResult) => void = () => {},
): HandleRequest {
	let isAway = false;

	async function store(...[request, key, signal]: Parameters<HandleRequest>): Promise<void> {
		if (request.kind === 'unreadable') {
			const { errorCode: code, errorMessage: message, body, ...origin } = request;
			await unreadable.add({ error: { code, message }, body }, origin);
			return;
		}
		const { report, soap: xml } = request;
		const { result } = await reports.store(report, { xml, signal });
		const { messageId, mmStatus, state } = report;
		log.info({ key, messageId, mmStatus, state, stored: result }, 'report stored');
		onStored(report, result);
	}

	return async function storeRequest(request, key, signal) {
		for (;;) {
			try {
				await store(request, key, signal);
				if (isAway) log.info('the database is back');
				isAway = false;
				return;
			} catch (err) {
				if (!(err instanceof DatabaseError) || err.failure === 'refused') throw err;
				if (!isAway) log.error({ err }, 'the database is away; reports wait for it');
				isAway = true;
				await pause(RETRY_DELAY_MS, undefined, { signal });
			}
		}
	};
}
