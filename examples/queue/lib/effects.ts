import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { DeliveryReport } from 'mm7-delivery-reports';
import type { ReportMessage } from './report-message.js';

/** What a report leads to; here the state of a message, as a table of it would hold. */
export interface Effect {
	readonly messageId: string;
	readonly recipient: string;
	readonly mmStatus: string;
	readonly state: DeliveryReport['state'];
	/** ISO 8601. */
	readonly at: string;
}

/**
 * Does what a report asks for, once for all its copies. The bucket stands in for a table of your database with a
 * unique index on the key: `create` fails where the key exists, as the INSERT would.
 *
 * @returns false where it had been done before
 */
export async function applyEffect(effects: Pick<KV, 'create'>, { key, report }: ReportMessage): Promise<boolean> {
	const effect: Effect = {
		messageId: report.messageId,
		recipient: report.recipient.number ?? report.recipient.address,
		mmStatus: report.mmStatus,
		state: report.state,
		at: (report.date ?? report.receivedAt).toISOString(),
	};
	try {
		await effects.create(key, JSON.stringify(effect));
		return true;
	} catch (error) {
		if (isTaken(error)) return false;
		throw error;
	}
}

function isTaken(error: unknown): boolean {
	if (!(error instanceof JetStreamApiError)) return false;
	const { StreamWrongLastSequence, StreamWrongLastSequenceUnknown } = JetStreamApiCodes;
	return error.code === StreamWrongLastSequence || error.code === StreamWrongLastSequenceUnknown;
}
