import { replaceNumbers } from './phone-numbers.js';

/** In characters. */
const MAX_LENGTH = 80;
/** The part of a StatusText to look at. */
const MAX_READ_LENGTH = 500;
/** Words of this length with a digit are ids, and so are words with this many digits, and e-mail addresses. */
const MIN_ID_LENGTH = 16;
const MIN_ID_DIGITS = 5;

const WORD = /[^\s,;:()<>="']+/g;

/**
 * Shortens a StatusText to the part that failures with the same reason share, so that they can be counted together: ids,
 * phone numbers and e-mail addresses become `…`. Without a StatusText the reason is empty.
 */
export function failureReason(statusText = ''): string {
	return replaceNumbers(statusText.slice(0, MAX_READ_LENGTH), () => '…')
		.replace(WORD, (word) => (isId(word) ? '…' : word))
		.replace(/\s+/g, ' ')
		.trim()
		.slice(0, MAX_LENGTH);
}

function isId(word: string): boolean {
	const digits = digitsOf(word);
	return digits >= MIN_ID_DIGITS || (digits > 0 && word.length >= MIN_ID_LENGTH) || word.includes('@');
}

function digitsOf(text: string): number {
	return text.replace(/\D/g, '').length;
}
