/**
 * What became of the message:
 * - `delivered`: the handset has it;
 * - `failed`: the handset will never have it;
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
	return CLASSES.get(mmStatus.replace(/[\s_-]/g, '').toLowerCase()) ?? UNKNOWN;
}
