import { type Mm7Response, parseResponse } from '../../lib/provider/testing/index.js';
import { unescapeXml } from '../../lib/xml/escape.js';

/** A response as the testing kit reads it, with the fields of a fault where `include` finds them. */
export interface ReadResponse extends Mm7Response {
	readonly faultCode: string | undefined;
	readonly faultText: string | undefined;
}

/** Reads a response; the TransactionID keeps its white space, which the kit trims. */
export function readResponse(xml: string): ReadResponse {
	const response = parseResponse(xml);
	const { 1: sent } = /<TransactionID[^>]*>([^<]*)</.exec(xml) ?? [];
	return {
		...response,
		transactionId: sent && unescapeXml(sent),
		faultCode: response.fault?.code,
		faultText: response.fault?.text,
	};
}
