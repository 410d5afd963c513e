/** The meaning of an MMStatus, in words for the people who run the inbox. */
export interface MmStatusWords {
	readonly meaning: string;
	readonly advice: string;
}

/** The same as in docs/sinch.md, which a test compares. */
export const MM_STATUS_WORDS: readonly (readonly [words: readonly string[], meaning: string, advice: string])[] = [
	[['Retrieved', 'Delivered'], 'The handset has the message.', 'Nothing.'],
	[
		['Forwarded', 'Sent', 'Processing'],
		'The message was handed to the mobile network. A final report should follow.',
		'Wait. If no final report follows, the network does not send any.',
	],
	[['Deferred'], 'The handset was notified, but has not fetched the message.', 'Wait: it may be off or out of reach.'],
	[
		['Expired'],
		'The handset did not fetch the message in time.',
		'Send it again later. If this repeats, the number may be unused.',
	],
	[
		['Rejected', 'System Rejected'],
		'The provider or the network refused the message, for example because of its content, its size or a block.',
		'Look at the StatusText. Sending it again unchanged will fail again.',
	],
	[['Recipient Rejected'], 'The recipient refused the message.', 'Do not send it again.'],
	[
		['Unreachable'],
		'A server of the network or the handset could not be reached.',
		'Send it again later. If this repeats, check the number.',
	],
	[['NotSupported'], 'The network does not support this kind of message.', 'Send a text message instead.'],
	[
		['Unrecognized', 'Unrecognised'],
		'The handset or the network does not understand the message.',
		'Check the types and sizes of its parts.',
	],
	[
		['DeliveryConditionNotMet'],
		'A condition of the submission was not met.',
		'Compare the conditions of the submission with the handset.',
	],
	[['Cancelled', 'Canceled'], 'The message was canceled before its delivery.', 'Nothing, if you canceled it.'],
	[['Replaced'], 'A later submission replaced the message.', 'Look at that one.'],
	[
		['Indeterminate'],
		'The operator cannot tell whether the message arrived.',
		'Do not expect another report. Many of these are normal for some operators.',
	],
];

const BY_WORD = new Map(
	MM_STATUS_WORDS.flatMap(([words, meaning, advice]) =>
		words.map((word): [string, MmStatusWords] => [bareWord(word), { meaning, advice }]),
	),
);

/** Describes an MMStatus; undefined if the word is not known. */
export function describeMmStatus(mmStatus: string): MmStatusWords | undefined {
	return BY_WORD.get(bareWord(mmStatus));
}

/** Compared as the library does: without case, blanks, hyphens and underscores. */
function bareWord(mmStatus: string): string {
	return mmStatus.replace(/[\s_-]/g, '').toLowerCase();
}
