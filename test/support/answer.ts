import { attribute, child, childText } from '../../lib/mm7/find.js';
import { namespaceOf } from '../../lib/xml/element.js';
import { parseXml } from '../../lib/xml/parse.js';

/** An answer as a strict provider reads it: everything by its place and its namespace. */
export interface ReadAnswer {
	readonly soapNamespace: string | undefined;
	readonly transactionId: string | undefined;
	readonly transactionIdNamespace: string | undefined;
	/** Of the TransactionID. */
	readonly mustUnderstand: string | undefined;
	/** DeliveryReportRsp, VASPErrorRsp, or nothing. */
	readonly operation: string | undefined;
	readonly namespace: string | undefined;
	readonly mm7Version: string | undefined;
	readonly statusCode: string | undefined;
	readonly statusText: string | undefined;
	readonly details: string | undefined;
	readonly faultCode: string | undefined;
	readonly faultString: string | undefined;
	/** Names of the children of a fault with their namespaces. */
	readonly faultChildren: readonly [string, string | undefined][];
}

const NO_LIMITS = { elements: 1000, depth: 50, attributes: 50 };

export function readAnswer(xml: string): ReadAnswer {
	const root = parseXml(xml, NO_LIMITS);
	const header = child(root, 'Header');
	const transaction = child(header, 'TransactionID');
	const body = child(root, 'Body');
	const fault = child(body, 'Fault');
	const detail = child(fault, 'detail');
	const operation = fault ? detail?.children[0] : body?.children[0];
	const status = child(operation, 'Status');
	return {
		soapNamespace: namespaceOf(root),
		transactionId: transaction?.text,
		transactionIdNamespace: namespaceOf(transaction),
		mustUnderstand: transaction && attribute(transaction, 'mustUnderstand'),
		operation: operation?.name,
		namespace: namespaceOf(operation),
		mm7Version: childText(operation, 'MM7Version'),
		statusCode: childText(status, 'StatusCode'),
		statusText: childText(status, 'StatusText'),
		details: childText(status, 'Details'),
		faultCode: childText(fault, 'faultcode') ?? childText(child(fault, 'Code'), 'Value'),
		faultString: childText(fault, 'faultstring') ?? childText(child(fault, 'Reason'), 'Text'),
		faultChildren: (fault?.children ?? []).map((element) => [element.name, namespaceOf(element)]),
	};
}
