/**
 * The status of the message:
 * - `delivered`: the handset has it;
 * - `failed`: the handset will never get it;
 * - `pending`: on its way, another report will follow;
 * - `unknown`: the operator cannot tell, or the word is not known.
 */
export type DeliveryState = 'delivered' | 'failed' | 'pending' | 'unknown';

/** The meaning of an MMStatus word. */
export interface MmStatusClass {
	readonly state: DeliveryState;
	/** False if a later report about the same message is expected. */
	readonly final: boolean;
}

const DELIVERED = ['retrieved', 'delivered'];
const FAILED = [
	...['expired', 'rejected', 'systemrejected', 'recipientrejected', 'unrecognised', 'unrecognized', 'unreachable'],
	...['notsupported', 'deliveryconditionnotmet', 'cancelled', 'canceled', 'replaced'],
];
const PENDING = ['deferred', 'forwarded', 'processing', 'sent'];
/** The operator cannot tell, and usually sends no other report. */
const INDETERMINATE = ['indeterminate'];

const CLASSES = new Map<string, MmStatusClass>([
	...DELIVERED.map((word) => [word, { state: 'delivered', final: true }] as const),
	...FAILED.map((word) => [word, { state: 'failed', final: true }] as const),
	...PENDING.map((word) => [word, { state: 'pending', final: false }] as const),
	...INDETERMINATE.map((word) => [word, { state: 'unknown', final: true }] as const),
]);

/**
 * Classifies an MMStatus word. Compared without case, blanks, hyphens and underscores, because senders vary the spelling;
 * three of the words that Sinch documents are in no 3GPP schema.
 */
export function classifyMmStatus(mmStatus: string): MmStatusClass {
	return CLASSES.get(bareWord(mmStatus)) ?? { state: 'unknown', final: false };
}

/**
 * What the recipient did with the message:
 * - `read`: opened it;
 * - `deleted`: deleted it without reading it;
 * - `unknown`: the operator cannot tell, or the word is not known.
 */
export type ReadState = 'read' | 'deleted' | 'unknown';

const READ_STATES = new Map<string, ReadState>([
	['read', 'read'],
	['deleted', 'deleted'],
	['deletedwithoutbeingread', 'deleted'],
]);

/** Classifies the MMStatus of a read reply, compared like that of a delivery report. */
export function classifyReadStatus(mmStatus: string): ReadState {
	return READ_STATES.get(bareWord(mmStatus)) ?? 'unknown';
}

function bareWord(mmStatus: string): string {
	return mmStatus.replace(/[\s_-]/g, '').toLowerCase();
}
