import { setTimeout as pause } from 'node:timers/promises';
import { JetStreamApiError, type JetStreamClient } from '@nats-io/jetstream';
import { duplicateKey, type Handler } from 'mm7-delivery-reports';
import type { Connection } from './connection.js';
import { encodeReport } from './report-message.js';
import { REPORTS, REPORTS_SUBJECT } from './streams.js';

/** Milliseconds between two attempts to store one report. */
const PAUSE = 100;

/**
 * Makes the handler of the receivers: it succeeds once JetStream has stored the report, and only then the provider
 * is told 1000. Copies of one report have one message id, so a copy within the duplicate window is stored no more.
 *
 * @param timeout - milliseconds for all attempts together; after them the handler throws, and the provider sends again
 */
export function publishReports(
	jetstream: Pick<JetStreamClient, 'publish'>,
	connection: Pick<Connection, 'whenUp'>,
	timeout: number,
): Handler {
	return async function publishReport(report, _req, { signal }) {
		const key = duplicateKey(report);
		const subject = `${REPORTS_SUBJECT}.${report.state}`;
		const data = encodeReport({ key, report });
		const end = performance.now() + timeout;
		const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);

		for (;;) {
			await connection.whenUp(deadline);
			// a third: what went into a connection that was just breaking is never answered
			const patience = Math.max(1, Math.floor(Math.min(timeout / 3, end - performance.now())));
			try {
				await jetstream.publish(subject, data, { msgID: key, timeout: patience, expect: { streamName: REPORTS } });
				return;
			} catch (error) {
				// JetStream itself refused: it is full, say. All else may pass, a lost connection or an election
				if (deadline.aborted || error instanceof JetStreamApiError) throw error;
				await pause(PAUSE, undefined, { signal: deadline }).catch(() => {
					throw error;
				});
			}
		}
	};
}
