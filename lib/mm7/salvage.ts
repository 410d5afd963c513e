import { salvageSoapVersion } from '../soap/soap-version.js';
import { trimWhiteSpace } from '../xml/element.js';
import { unescapeXml } from '../xml/escape.js';
import { sectionEnd } from '../xml/repair.js';
import { MM7_NAMESPACE_BASE } from './namespaces.js';

/**
 * Finds the parts of an unparsable document that the response repeats, so that the sender can match it to the request.
 */
export function salvage(xml: string) {
	const namespace = MM7_NAMESPACE.exec(xml)?.[0];
	return { transactionId: salvageTransactionId(xml), soapVersion: salvageSoapVersion(xml), namespace };
}

const MM7_NAMESPACE = new RegExp(`${MM7_NAMESPACE_BASE}[\\w.-]{1,40}`);
const MAX_ID_LENGTH = 1024;

/** Finds the TransactionID in one pass, skipping comments, CDATA and instructions. */
function salvageTransactionId(xml: string): string | undefined {
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
