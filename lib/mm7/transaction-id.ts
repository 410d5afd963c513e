import { unescapeXml } from '../xml/escape.js';
import { sectionEnd } from '../xml/repair.js';
import { trimWhiteSpace } from '../xml/white-space.js';

const MAX_ID_LENGTH = 1024;

/**
 * The TransactionID of a document that cannot be parsed, so that the sender can tell which of its requests the
 * fault is about. Looks for the element in the text, in one pass, and not in comments, CDATA and instructions.
 *
 * @param xml - the document, or its beginning
 */
export function salvageTransactionId(xml: string): string | undefined {
	const markup = /<(?:[!?]|(?:[\w.-]{1,64}:)?TransactionID(?=[\s>])[^<>]{0,1024}>)/gi;
	for (let found = markup.exec(xml); found; found = markup.exec(xml)) {
		const section = sectionEnd(xml, found.index);
		if (section === -1) return undefined;
		if (section !== undefined) markup.lastIndex = section;
		else if (found[0].length > 2) return idAt(xml, markup.lastIndex);
	}
	return undefined;
}

function idAt(xml: string, start: number): string | undefined {
	const end = xml.indexOf('<', start);
	if (end === -1 || end - start > MAX_ID_LENGTH) return undefined;
	return trimWhiteSpace(unescapeXml(xml.slice(start, end))) || undefined;
}
