/** The white space of XML 1.0 (section 2.3): four characters, where JavaScript's `trim` knows two dozen. */
const WHITE_SPACE = ' \t\r\n';

/** The text without the white space round it. */
export function trimWhiteSpace(text: string): string {
	let start = 0;
	let end = text.length;
	while (start < end && WHITE_SPACE.includes(text.charAt(start))) start++;
	while (end > start && WHITE_SPACE.includes(text.charAt(end - 1))) end--;
	return text.slice(start, end);
}
