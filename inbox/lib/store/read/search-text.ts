/** The maximum number of ids and numbers in one search. */
export const MAX_LISTED = 100;

/** The longest phone number, in digits (E.164). Longer ones are several numbers, separated by blanks. */
const MAX_DIGITS = 15;

/** A parsed search text. */
export interface SearchedTexts {
	/** The complete text, which may be an id as it is. */
	readonly whole: string;
	/** An id or number, or either end of one; absent if the text is a list. */
	readonly end?: string | undefined;
	/** Complete ids and numbers. */
	readonly listed: readonly string[];
}

/**
 * Splits a search text: a single id or number, as people write it, or a list of them, as people copy it. Blanks also
 * separate ids, unless they are part of a number. Quotes and invisible characters around a copied cell are removed.
 */
export function searchedTexts(text: string): SearchedTexts {
	const entries = text.split(/[,;\t\r\n]+/).flatMap((entry) => unquoted(entry) || []);
	const words = entries.filter((entry) => !isNumber(entry)).flatMap((entry) => entry.split(/\s+/));
	const isList = entries.length !== 1;
	const listed = new Set([...(isList ? entries : []), ...words.flatMap((word) => unquoted(word) || [])]);
	if (isList) return { whole: text, listed: [...listed] };
	const [end = ''] = entries;
	listed.delete(end);
	return { whole: text, end, listed: [...listed] };
}

function isNumber(entry: string): boolean {
	return /^[\d\s()+./-]+$/.test(entry) && entry.replace(/\D/g, '').length <= MAX_DIGITS;
}

const QUOTE = /[\s"'`\u00AB\u00BB\u2018-\u201F\p{Cf}]/u;

/** A single expression would take quadratic time. */
function unquoted(text: string): string {
	let [start, end] = [0, text.length];
	while (start < end && QUOTE.test(text.charAt(start))) start++;
	while (start < end && QUOTE.test(text.charAt(end - 1))) end--;
	return text.slice(start, end);
}
