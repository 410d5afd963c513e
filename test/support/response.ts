import { type Mm7Response, parseResponse } from '../../lib/provider/testing/index.js';
import { unescapeXml } from '../../lib/xml/escape.js';

/** A response parsed by the testing kit, with the fields of a fault at the top level for `include`. */
export interface ReadResponse extends Mm7Response {
	readonly faultCode: string | undefined;
	readonly faultText: string | undefined;
}

/** Parses a response. Unlike the kit, it keeps the white space of the TransactionID. */
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
