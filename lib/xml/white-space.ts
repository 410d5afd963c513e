/** The white space of XML 1.0 (section 2.3): four characters, where JavaScript's `trim` knows two dozen. */
function isWhiteSpace(code: number): boolean {
	return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** The text without the white space around it. */
export function trimWhiteSpace(text: string): string {
	let start = 0;
	let end = text.length;
	while (start < end && isWhiteSpace(text.charCodeAt(start))) start++;
	while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end--;
	return text.slice(start, end);
}
