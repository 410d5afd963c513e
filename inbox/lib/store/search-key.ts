import type { Address } from 'mm7-delivery-reports';
import { storableText } from './storable.js';

/** The maximum length of a key, so that it fits in an index. */
const LONGEST = 200;

/** Returns the key that finds an address: the digits of its phone number, or else its text in lower case. */
export function searchKey(address: Address): string {
	return searchKeyOf(address.number ?? address.address);
}

/** The same for a search text: `+1 (201) 555-0123` finds `12015550123`. */
export function searchKeyOf(text: string): string {
	return (digitsOf(text) ?? storableText(text).toLowerCase()).slice(0, LONGEST);
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

/** Reverses a key, so that an index can find it by its end. */
export function reversedKey(text: string): string {
	return Array.from(storableText(text).slice(-LONGEST)).reverse().join('');
}
