import { unescapeXml } from '../xml/escape.js';
import { trimWhiteSpace } from '../xml/white-space.js';

const LONGEST_ID = 1024;

/**
 * The TransactionID of a document that cannot be parsed, so that the sender can tell which of its requests the
 * fault is about. Looks for the element in the text, in one pass, and reads no XML.
 *
 * @param xml - the document, or its beginning
 */
export function salvageTransactionId(xml: string): string | undefined {
	const open = /<(?:[\w.-]{1,64}:)?TransactionID(?=[\s>])[^<>]{0,1024}>/i.exec(xml);
	if (!open) return undefined;
	const start = open.index + open[0].length;
	const end = xml.indexOf('<', start);
	if (end === -1 || end - start > LONGEST_ID) return undefined;
	return trimWhiteSpace(unescapeXml(xml.slice(start, end))) || undefined;
}
