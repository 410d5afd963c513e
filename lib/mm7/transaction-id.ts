import { trimmedText } from '../xml/element.js';
import { parseXml } from '../xml/parse.js';

const LONGEST_ID = 1024;

/**
 * The TransactionID of a document that cannot be parsed, so that the sender can tell which of its requests the
 * fault is about. Looks for the element in the text, in one pass.
 *
 * @param xml - the document, or its beginning
 */
export function salvageTransactionId(xml: string): string | undefined {
	const open = /<(?:[\w.-]{1,64}:)?TransactionID(?=[\s>])[^<>]{0,1024}>/i.exec(xml);
	if (!open) return undefined;
	const start = open.index + open[0].length;
	const end = xml.indexOf('<', start);
	if (end === -1 || end - start > LONGEST_ID) return undefined;
	try {
		const limits = { maxElements: 1, maxDepth: 1, maxAttributes: 0 };
		return trimmedText(parseXml(`<TransactionID>${xml.slice(start, end)}</TransactionID>`, limits));
	} catch {
		return undefined;
	}
}
