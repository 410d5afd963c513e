/** What every MM7 namespace begins with; the release follows (`REL-6-MM7-1-4`). */
export const MM7_NAMESPACE_BASE = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/';

/** What an answer says when the request named neither namespace nor version. */
export const NEWEST_RELEASE = {
	namespace: `${MM7_NAMESPACE_BASE}REL-6-MM7-1-4`,
	mm7Version: '6.8.0',
} as const;

/** The two SOAP versions that have an answer of their own. */
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
 * The SOAP version of an Envelope.
 *
 * @param namespace - namespace URI of the Envelope element; absent where its prefix was never declared
 * @returns `undefined` for a namespace that is no known SOAP version; SOAP 1.1 where there is no namespace at all
 */
export function soapVersionOf(namespace: string | undefined): SoapVersion | undefined {
	if (namespace === undefined) return '1.1';
	const withoutSlash = namespace.endsWith('/') ? namespace.slice(0, -1) : namespace;
	return SOAP_VERSION_OF.get(withoutSlash.toLowerCase());
}
