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
	const isNumber = /^\+?[\d ().-]+$/.test(text);
	return isNumber ? text.replace(/\D/g, '').slice(0, LONGEST) : storableText(text).toLowerCase().slice(0, LONGEST);
}

/** The text from its end to its beginning, so that an index finds it by its end. */
export function reversedKey(text: string): string {
	return Array.from(storableText(text).slice(-LONGEST)).reverse().join('');
}
