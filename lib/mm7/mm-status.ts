/**
 * The status of the message:
 * - `delivered`: the handset has it;
 * - `failed`: the handset will never get it;
 * - `pending`: on its way, another report will follow;
 * - `unknown`: the operator cannot tell, or the word is not known.
 */
export type DeliveryState = 'delivered' | 'failed' | 'pending' | 'unknown';

/** `final` is false if a later report about the same message is expected. */
const classified = (state: DeliveryState, final: boolean, words: readonly string[]) =>
	words.map((word) => [word, { state, final }] as const);

const CLASSES = new Map([
	...classified('delivered', true, ['retrieved', 'delivered']),
	...classified('failed', true, ['expired', 'rejected', 'systemrejected', 'recipientrejected', 'unreachable']),
	...classified('failed', true, ['unrecognised', 'unrecognized', 'notsupported', 'deliveryconditionnotmet']),
	...classified('failed', true, ['cancelled', 'canceled', 'replaced']),
	...classified('pending', false, ['deferred', 'forwarded', 'processing', 'sent']),
	// the operator usually sends no other report
	...classified('unknown', true, ['indeterminate']),
]);

/**
 * Classifies an MMStatus word. Compared without case, blanks, hyphens and underscores, because senders vary the spelling;
 * three of the words that Sinch documents are in no 3GPP schema.
 */
export function classifyMmStatus(mmStatus: string): { readonly state: DeliveryState; readonly final: boolean } {
	return CLASSES.get(bareWord(mmStatus)) ?? { state: 'unknown', final: false };
}

/**
 * The recipient's action on the message:
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
