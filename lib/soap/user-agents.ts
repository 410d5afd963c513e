/**
 * User agents whose SOAP stack rejects a response with a mustUnderstand="1" header, unless the sender's stub declares
 * that header for responses. The sender then counts a stored report as failed. Tested with each stack's own client; the
 * spellings are from recorded requests and the sources of the stacks.
 */
const REJECT_MANDATORY_HEADERS = [
	// Axis 1.4, for any header that its WSDL declares: "Axis/1.4", "Axis/1.2RC1"
	'Axis/',
	// Axis2/Java 1.5.1 to 2.0.1, whatever its HTTP client is; not Axis2/C, which accepts it as "Axis2C/1.7.0"
	'Axis2(?![\\w.-])',
	// JAX-WS RI 2.3, also inside the JDK, of stubs generated without -XadditionalHeaders: "JAX-WS RI 2.2.9-b130926.1035"
	'JAX-WS RI(?!\\w)',
	// the same runtime inside Metro: "Metro/2.1 (branches/2.1-6728; …) JAXWS-RI/2.2.3 JAXWS/2.2"
	'JAXWS-RI/',
	// asmx clients of .NET and Mono: "Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol 4.0.30319.42000)"
	'(?:MS|Mono) Web Services Client Protocol',
];

/** One of them at the start of a product or of a part of a comment: "Praxis/1.0" is another program. */
const PATTERN = new RegExp(`(?:^|[\\s(;,])(?:${REJECT_MANDATORY_HEADERS.join('|')})`);

/** Checks for a sender that rejects a response whose TransactionID has mustUnderstand="1". */
export function rejectsMandatoryHeaders(userAgent: string | undefined): boolean {
	return userAgent !== undefined && PATTERN.test(userAgent);
}
