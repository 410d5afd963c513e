import { quote } from '../../checks.js';
import { attribute, child, childText } from '../../mm7/find.js';
import { type SoapVersion, soapVersionOf } from '../../soap/soap-version.js';
import { type Element, namespaceOf } from '../../xml/element.js';
import { parseStrictly } from '../../xml/parse.js';

/** The response to a report or a read reply, as a provider reads it. */
export interface Mm7Response {
	/** SOAP version of the envelope; `undefined` for an unknown namespace. */
	readonly soapVersion: SoapVersion | undefined;
	/**
	 * Name of the element that contains the Status: `DeliveryReportRsp`, `ReadReplyRsp`, or `VASPErrorRsp` inside a fault.
	 * `undefined` for a fault without detail.
	 */
	readonly operation: string | undefined;
	/** Present if the response is a SOAP fault. */
	readonly fault?: {
		/** Without prefix: `Client`, `Client.TransactionID`; in SOAP 1.2 `Sender`, with a subcode `Sender.TransactionID`. */
		readonly code: string | undefined;
		/** `faultstring`; in SOAP 1.2 the `Reason`. */
		readonly text: string | undefined;
	};
	/** The TransactionID of the SOAP Header: that of the report, if the receiver could read it. */
	readonly transactionId: string | undefined;
	/** Namespace of the TransactionID. */
	readonly transactionIdNamespace: string | undefined;
	/** True if the TransactionID has `mustUnderstand="1"`, which a sender that did not set it may reject. */
	readonly mustUnderstand: boolean;
	/** Namespace of the operation. */
	readonly namespace: string | undefined;
	/** `MM7Version`, such as `6.8.0`. */
	readonly mm7Version: string | undefined;
	/** 1000 accepts the report. */
	readonly statusCode: number | undefined;
	/** Text for the StatusCode. */
	readonly statusText: string | undefined;
	/** Further information from the receiver. */
	readonly details: string | undefined;
}

const LIMITS = { elements: 512, depth: 32, attributes: 64 };

/**
 * Reads the response to a delivery report or a read reply as a provider would: a DeliveryReportRsp or ReadReplyRsp, or
 * a fault of SOAP 1.1 or 1.2 with or without a VASPErrorRsp. Strict about XML: nothing is repaired.
 *
 * @param body - body of the HTTP response; bytes are decoded as UTF-8
 * @throws Error if the body is not well-formed XML or not a SOAP message; the message quotes its beginning
 * @example
 * const response = await fetch(url, deliveryReportRequest({ transactionId: '20260042' }));
 * expect(parseResponse(await response.text())).to.include({ transactionId: '20260042', statusCode: 1000 });
 */
export function parseResponse(body: string | Uint8Array): Mm7Response {
	const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
	const root = parse(text);
	const soapBody = child(root, 'Body');
	const content = soapBody?.children[0];
	if (root.name !== 'Envelope' || !soapBody || !content) throw unreadable('not a SOAP message', text);

	const header = child(root, 'Header');
	const transaction = child(header, 'TransactionID');
	const isFault = content.name === 'Fault';
	const operation = isFault ? child(content, 'detail')?.children[0] : content;
	const status = child(operation, 'Status');
	return {
		soapVersion: soapVersionOf(namespaceOf(root)),
		operation: operation?.name,
		...(isFault && { fault: fault(content) }),
		transactionId: childText(header, 'TransactionID'),
		transactionIdNamespace: namespaceOf(transaction),
		mustUnderstand: transaction !== undefined && /^(1|true)$/.test(attribute(transaction, 'mustUnderstand') ?? ''),
		namespace: namespaceOf(operation),
		mm7Version: childText(operation, 'MM7Version'),
		statusCode: wholeNumber(childText(status, 'StatusCode')),
		statusText: childText(status, 'StatusText'),
		details: childText(status, 'Details'),
	};
}

function parse(text: string): Element {
	try {
		return parseStrictly(text, LIMITS);
	} catch (cause) {
		throw unreadable('not well-formed XML', text, cause);
	}
}

function unreadable(reason: string, text: string, cause?: unknown): Error {
	return new Error(`the response is ${reason}: ${text === '' ? 'it is empty' : quote(text)}`, { cause });
}

function fault(element: Element): NonNullable<Mm7Response['fault']> {
	const code = child(element, 'Code');
	if (!code) return { code: localName(childText(element, 'faultcode')), text: childText(element, 'faultstring') };
	const values = [childText(code, 'Value'), childText(child(code, 'Subcode'), 'Value')].map(localName);
	return {
		code: values.filter((value) => value !== undefined).join('.') || undefined,
		text: childText(child(element, 'Reason'), 'Text'),
	};
}

function localName(qualifiedName: string | undefined): string | undefined {
	return qualifiedName?.slice(qualifiedName.indexOf(':') + 1);
}

function wholeNumber(text: string | undefined): number | undefined {
	return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
