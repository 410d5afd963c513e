import type { Address } from 'mm7-delivery-reports';
import { storableText } from './storable.js';

/** The maximum length of a key, so that it fits in an index. */
const MAX_KEY_LENGTH = 200;

/** Returns the key that finds an address: the digits of its phone number, or else its text in lower case. */
export function searchKey(address: Address): string {
	return searchKeyOf(address.number ?? address.address);
}

/** The same for a search text: `+1 (201) 555-0123` finds `12015550123`. */
export function searchKeyOf(text: string): string {
	return (digitsOf(text) ?? storableText(text).toLowerCase()).slice(0, MAX_KEY_LENGTH);
}

/**
 * The keys that a number may have as people write it: `0044 20 …` and `+44 (0)20 …` are stored as `4420…`. Any other
 * text has one key.
 */
export function searchKeysOf(text: string): string[] {
	const tidy = text
		.replace(/\p{Cf}/gu, '')
		.replace(/[\p{Pd}\p{Zs}/]/gu, ' ')
		.replace(/^\s*tel:/i, '')
		.trim();
	const digits = digitsOf(tidy.replace(/(\d[^\d(]*)\(0\)/, '$1')) ?? '';
	const keys = [searchKeyOf(text), digits.slice(0, MAX_KEY_LENGTH), digits.replace(/^00/, '').slice(0, MAX_KEY_LENGTH)];
	return [...new Set(keys)].filter((key) => key !== '');
}

/** National numbers start with a 0 instead of the country code. Shorter texts are rather the end of a number. */
const NATIONAL = /^0(?=[1-9]\d{6})/;

/** The keys of numbers that may end with a text; a national number is the end of the stored one, without its 0. */
export function endKeysOf(text: string): string[] {
	const keys = searchKeysOf(text);
	return [...new Set(keys.flatMap((key) => [key, key.replace(NATIONAL, '')]))];
}

/**
 * Distinguishes the recipients of a message: by the digits of a phone number in any notation, and otherwise by the
 * complete address exactly as sent. An encrypted or obfuscated address is never treated as a number.
 */
export function recipientKey({ address, number = address, addressCoding }: Address): readonly string[] {
	if (addressCoding !== undefined) return [address, 'coded'];
	return [digitsOf(number) ?? address];
}

function digitsOf(text: string): string | undefined {
	return /^\+?[\d ().-]+$/.test(text) ? text.replace(/\D/g, '') : undefined;
}

/**
 * Returns the text of a message's sender: as the report has it or, if another one was registered, its key.
 *
 * @param key - of the message
 * @param reported - in its report
 */
export function senderText(key: string | null, reported: string | null): string | null {
	return reported === null || (key !== null && searchKeyOf(reported) !== key) ? key : reported;
}

/** Reverses a key, so that an index can find it by its end. */
export function reversedKey(text: string): string {
	return Array.from(storableText(text).slice(-MAX_KEY_LENGTH)).reverse().join('');
}
