import type { Address } from 'mm7-delivery-reports';
import { storableText } from './storable.js';

/** Longest key, so that it fits into an index. */
const LONGEST = 200;

/** What an address is found by: the digits of its telephone number, or else its text in lower case. */
export function searchKey(address: Address): string {
	return searchKeyOf(address.number ?? address.address);
}

/** The same for what somebody types: `+1 (201) 555-0123` finds `12015550123`. */
export function searchKeyOf(text: string): string {
	return (digitsOf(text) ?? storableText(text).toLowerCase()).slice(0, LONGEST);
}

/**
 * Tells the recipients of a message apart: by the digits of a telephone number, however it is written, and otherwise by
 * the whole address exactly as sent. An encrypted or obfuscated address is never treated as a number.
 */
export function recipientKey({ address, number = address, addressCoding }: Address): readonly string[] {
	if (addressCoding !== undefined) return [address, 'coded'];
	return [digitsOf(number) ?? address];
}

function digitsOf(text: string): string | undefined {
	return /^\+?[\d ().-]+$/.test(text) ? text.replace(/\D/g, '') : undefined;
}

/** The text from its end to its beginning, so that an index finds it by its end. */
export function reversedKey(text: string): string {
	return Array.from(storableText(text).slice(-LONGEST)).reverse().join('');
}
