/**
 * What became of the message:
 * - `delivered`: the handset has it;
 * - `failed`: the handset will never get it;
 * - `pending`: on its way, another report is to be expected;
 * - `unknown`: the operator cannot tell, or the word is not known here.
 */
export type DeliveryState = 'delivered' | 'failed' | 'pending' | 'unknown';

/** The reading of an MMStatus word. */
export interface MmStatusClass {
	readonly state: DeliveryState;
	/** False while a later report about the same message is to be expected. */
	readonly final: boolean;
}

const DELIVERED: MmStatusClass = { state: 'delivered', final: true };
const FAILED: MmStatusClass = { state: 'failed', final: true };
const PENDING: MmStatusClass = { state: 'pending', final: false };
/** The operator says that it cannot tell; as a rule no other report follows. */
const INDETERMINATE: MmStatusClass = { state: 'unknown', final: true };
const UNKNOWN: MmStatusClass = { state: 'unknown', final: false };

const CLASSES = new Map<string, MmStatusClass>([
	['retrieved', DELIVERED],
	['delivered', DELIVERED],
	['expired', FAILED],
	['rejected', FAILED],
	['systemrejected', FAILED],
	['recipientrejected', FAILED],
	['unrecognised', FAILED],
	['unrecognized', FAILED],
	['unreachable', FAILED],
	['notsupported', FAILED],
	['deliveryconditionnotmet', FAILED],
	['cancelled', FAILED],
	['canceled', FAILED],
	['replaced', FAILED],
	['deferred', PENDING],
	['forwarded', PENDING],
	['processing', PENDING],
	['sent', PENDING],
	['indeterminate', INDETERMINATE],
]);

/**
 * Classifies an MMStatus word. Compared without case, blanks, hyphens and underscores, because senders spell
 * freely; three of the words that Sinch documents are in no 3GPP schema.
 */
export function classifyMmStatus(mmStatus: string): MmStatusClass {
	return CLASSES.get(bareWord(mmStatus)) ?? UNKNOWN;
}

/**
 * What the recipient did with the message:
 * - `read`: opened it;
 * - `deleted`: deleted it without reading it;
 * - `unknown`: the operator cannot tell, or the word is not known here.
 */
export type ReadState = 'read' | 'deleted' | 'unknown';

const READ_STATES = new Map<string, ReadState>([
	['read', 'read'],
	['deleted', 'deleted'],
	['deletedwithoutbeingread', 'deleted'],
]);

/** Classifies the MMStatus of a read reply, compared as freely as that of a delivery report. */
export function classifyReadStatus(mmStatus: string): ReadState {
	return READ_STATES.get(bareWord(mmStatus)) ?? 'unknown';
}

function bareWord(mmStatus: string): string {
	return mmStatus.replace(/[\s_-]/g, '').toLowerCase();
}
