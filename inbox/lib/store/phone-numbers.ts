/** Numbers with fewer digits are short codes, which are not about a person; those with more are ids. */
export const MIN_NUMBER_DIGITS = 7;
export const MAX_NUMBER_DIGITS = 15;

/** A text that may be a number, with anything that can be between its digits; U+2400 stands for the NUL of UTF-16. */
const NUMBER = /\+?\d[\d\u2400 ().-]{5,}\d/g;
const DATE = /^\d{4}-\d\d-\d\d( \d\d)?$/;

/** Replaces all phone numbers in a text, whatever their notation. */
export function replaceNumbers(text: string, replacement: (found: string, digits: string) => string): string {
	return text.replace(NUMBER, (found) => {
		const digits = found.replace(/\D/g, '');
		const isNumber = digits.length >= MIN_NUMBER_DIGITS && digits.length <= MAX_NUMBER_DIGITS && !DATE.test(found);
		return isNumber ? replacement(found, digits) : found;
	});
}

/** Matches a character after which an e-mail address can start. */
export const BEFORE_ADDRESS = /[\s<>()[\]{}"',;:=&\\/|…]/;

/** Replaces the part before the @ of all e-mail addresses in a text. */
export function replaceLocalParts(text: string, replacement: (localPart: string) => string): string {
	const parts = text.split('@');
	const last = parts.length - 1;
	// an expression that ends with @ would take quadratic time
	return parts
		.map((part, index) => {
			let start = part.length;
			while (index < last && start > 0 && !BEFORE_ADDRESS.test(part.charAt(start - 1))) start--;
			return start < part.length ? part.slice(0, start) + replacement(part.slice(start)) : part;
		})
		.join('@');
}
