import { parseHeaderValue } from '../mime/header-value.js';

export type SoapVersion = '1.1' | '1.2';

export const SOAP_NAMESPACES = {
	'1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
	'1.2': 'http://www.w3.org/2003/05/soap-envelope',
} as const satisfies Record<SoapVersion, string>;

const SOAP_VERSION_OF = new Map<string, SoapVersion>([
	['http://schemas.xmlsoap.org/soap/envelope', '1.1'],
	// printed in early MM7 specifications and copied by senders; it is SOAP 1.1
	['http://schemas.xmlsoap.org/soap/soap-envelope', '1.1'],
	['http://www.w3.org/2003/05/soap-envelope', '1.2'],
]);

/**
 * The SOAP version of an Envelope in that namespace: 1.1 if its prefix was never declared, `undefined` for an unknown
 * version.
 */
export function soapVersionOf(namespace: string | undefined): SoapVersion | undefined {
	if (namespace === undefined) return '1.1';
	return SOAP_VERSION_OF.get(namespace.replace(/\/$/, '').toLowerCase());
}

const ANY_NAMESPACE = new RegExp([...SOAP_VERSION_OF.keys()].join('|'), 'i');

/** The SOAP version of the first namespace of SOAP in the text of a document that cannot be parsed. */
export function salvageSoapVersion(xml: string): SoapVersion | undefined {
	return soapVersionOf(ANY_NAMESPACE.exec(xml)?.[0] ?? '');
}

/**
 * The SOAP version that a Content-Type announces, also for the root part of a multipart (RFC 2387) and the XML inside a
 * XOP package (start-info).
 */
export function announcedSoapVersion(contentType: string | undefined): SoapVersion {
	const { value, parameters } = parseHeaderValue(contentType);
	const types = [value, ...['type', 'start-info'].map((name) => parseHeaderValue(parameters.get(name)).value)];
	return types.includes('application/soap+xml') ? '1.2' : '1.1';
}
