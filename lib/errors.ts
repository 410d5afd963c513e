/** Who is at fault, in the words of SOAP 1.1 (section 4.4.1); `none` where the answer is no fault at all. */
export type FaultCode = 'Client' | 'Client.TransactionID' | 'Server' | 'VersionMismatch' | 'MustUnderstand' | 'none';

interface ErrorTraits {
	/** HTTP status of the answer; `client` stands for the option `clientFaultStatus`. */
	readonly http: number | 'client';
	readonly fault: FaultCode;
	/** MM7 StatusCode of the answer, if it carries one. */
	readonly status?: number;
	/** What the provider is told. */
	readonly text: string;
}

/** Every error of the package by its code: what the provider gets for it. The README prints this table. */
export const ERRORS = {
	// 0 admit
	ERR_MM7_METHOD_NOT_ALLOWED: { http: 405, fault: 'Client', status: 4003, text: 'Only POST is served here' },
	ERR_MM7_FORBIDDEN: { http: 403, fault: 'Client', status: 4007, text: 'This address may not send reports' },
	ERR_MM7_UNAUTHORIZED: { http: 401, fault: 'Client', status: 4001, text: 'Credentials are missing or wrong' },
	ERR_MM7_ADMISSION_FAILED: { http: 500, fault: 'Server', status: 4006, text: 'Service unavailable' },
	// 1 read
	ERR_MM7_BODY_TOO_LARGE: { http: 413, fault: 'Client', status: 2007, text: 'The request body is too large' },
	ERR_MM7_BODY_TIMEOUT: { http: 408, fault: 'Server', status: 4006, text: 'The request body took too long' },
	ERR_MM7_BODY_ENCODING: { http: 415, fault: 'Client', status: 2007, text: 'The Content-Encoding is not supported' },
	ERR_MM7_BODY_CORRUPT: { http: 'client', fault: 'Client', status: 2007, text: 'The request body is damaged' },
	ERR_MM7_BODY_EMPTY: { http: 'client', fault: 'Client', status: 2007, text: 'The request has no body' },
	ERR_MM7_BODY_CONSUMED: { http: 500, fault: 'Server', status: 4006, text: 'Service unavailable' },
	ERR_MM7_ABORTED: { http: 400, fault: 'Client', status: 2007, text: 'The client went away' },
	// 2 split
	ERR_MM7_MIME: { http: 'client', fault: 'Client', status: 2007, text: 'The body is neither XML nor readable MIME' },
	ERR_MM7_TOO_MANY_PARTS: { http: 'client', fault: 'Client', status: 2007, text: 'The body has too many parts' },
	ERR_MM7_SOAP_TOO_LARGE: { http: 413, fault: 'Client', status: 2007, text: 'The SOAP part is too large' },
	// 4 parse
	ERR_MM7_XML: { http: 'client', fault: 'Client', status: 4004, text: 'The SOAP part is not well-formed XML' },
	ERR_MM7_DOCTYPE: { http: 'client', fault: 'Client', status: 4004, text: 'SOAP does not allow a document type' },
	ERR_MM7_TOO_MANY_ELEMENTS: { http: 'client', fault: 'Client', status: 4004, text: 'Too many XML elements' },
	ERR_MM7_TOO_DEEP: { http: 'client', fault: 'Client', status: 4004, text: 'XML elements are nested too deeply' },
	ERR_MM7_TOO_MANY_ATTRIBUTES: { http: 'client', fault: 'Client', status: 4004, text: 'Too many XML attributes' },
	ERR_MM7_NOT_SOAP: { http: 'client', fault: 'Client', status: 4004, text: 'The XML is no SOAP message' },
	ERR_MM7_SOAP_VERSION: { http: 'client', fault: 'VersionMismatch', text: 'Unknown version of SOAP' },
	ERR_MM7_MUST_UNDERSTAND: { http: 'client', fault: 'MustUnderstand', text: 'A mandatory header is not understood' },
	ERR_MM7_OPERATION: { http: 'client', fault: 'Client', status: 4003, text: 'Only delivery reports are served here' },
	ERR_MM7_VERSION: { http: 'client', fault: 'Client', status: 4002, text: 'This MM7Version is not served here' },
	// 5 type
	ERR_MM7_TRANSACTION_ID: { http: 'client', fault: 'Client.TransactionID', text: 'The TransactionID is missing' },
	ERR_MM7_ELEMENT_MISSING: { http: 200, fault: 'none', status: 4004, text: 'Validation error' },
	// 6 handle
	ERR_MM7_REJECTED: { http: 200, fault: 'none', text: 'Refused by the application' },
	ERR_MM7_HANDLER_FAILED: { http: 500, fault: 'Server', status: 4006, text: 'Service unavailable' },
	ERR_MM7_HANDLER_TIMEOUT: { http: 500, fault: 'Server', status: 4006, text: 'Service unavailable' },
	ERR_MM7_SERVICE_ERROR: { http: 500, fault: 'Server', status: 4005, text: 'Service error' },
	ERR_MM7_STORE_FAILED: { http: 200, fault: 'none', status: 1000, text: 'Success' },
	ERR_MM7_INTERNAL: { http: 500, fault: 'Server', status: 4006, text: 'Service unavailable' },
} as const satisfies Record<string, ErrorTraits>;

/** The stable code of an error: what to compare, never the message. */
export type Mm7ErrorCode = keyof typeof ERRORS;

/** What may be said of an error beyond its code. */
export interface Mm7ErrorDetails {
	/** What exactly is wrong, in one phrase. Told to the provider only where the provider is at fault. */
	readonly detail?: string | undefined;
	/** The error behind this one; it never leaves the process. */
	readonly cause?: unknown;
	/** The TransactionID, where it could be read although the rest could not. */
	readonly transactionId?: string | undefined;
}

/**
 * Every error of this package. `code` is stable and says what happened; `cause` keeps the error behind it.
 *
 * A handler may throw one with the code `ERR_MM7_SERVICE_ERROR` to answer a SOAP fault with StatusCode 4005
 * (Service error: permanent, TS 23.140 8.7.8.2); any other code thrown by a handler is answered as any other error.
 */
export class Mm7Error extends Error {
	/** Stable name of the error, `ERR_MM7_…`. */
	readonly code: Mm7ErrorCode;
	/** HTTP status of the answer; `client` stands for the option `clientFaultStatus`. */
	readonly httpStatus: number | 'client';
	/** Who is at fault, as SOAP 1.1 says it; `none` where the answer is a DeliveryReportRsp. */
	readonly faultCode: FaultCode;
	/** StatusCode of the answer (TS 23.140 8.7.8.2); absent where a fault carries no detail. */
	readonly statusCode: number | undefined;
	/** What the provider reads; never holds text of a foreign error. */
	readonly publicText: string;
	/** The part of the message behind the general text. */
	readonly detail: string | undefined;
	/** The TransactionID, where it could be read although the rest could not. */
	readonly transactionId: string | undefined;

	constructor(code: Mm7ErrorCode, { detail, cause, transactionId }: Mm7ErrorDetails = {}) {
		const traits: ErrorTraits = ERRORS[code];
		const full = detail === undefined ? traits.text : `${traits.text}: ${detail}`;
		super(full, cause === undefined ? undefined : { cause });
		this.name = 'Mm7Error';
		this.code = code;
		this.httpStatus = traits.http;
		this.faultCode = traits.fault;
		this.statusCode = traits.status;
		this.publicText = traits.fault === 'Server' ? traits.text : full;
		this.detail = detail;
		this.transactionId = transactionId;
	}
}

/**
 * The application's final refusal of a report: HTTP 200 with a DeliveryReportRsp of this StatusCode, after which
 * providers stop sending it. Thrown by a handler; returning `{ statusCode }` does the same.
 *
 * @example
 * app.use('/mm7', mm7DeliveryReports((report) => {
 *   if (report.recipient.kind === 'RFC2822Address') throw new Mm7Rejection(2002, 'no e-mail is sent from here');
 * }));
 */
export class Mm7Rejection extends Mm7Error {
	/** StatusCode of the answer, 2000 to 9999 (TS 23.140 8.7.8.2). */
	declare readonly statusCode: number;
	/** Free text for the provider, sent as the `Details` of the Status. */
	readonly details: string | undefined;

	/**
	 * @param statusCode - four digits, not of the success class
	 * @param details - told to the provider
	 * @throws TypeError where statusCode cannot refuse a report
	 */
	constructor(statusCode: number, details?: string) {
		if (!Number.isInteger(statusCode) || statusCode < 2000 || statusCode > 9999) {
			throw new TypeError(`Mm7Rejection: statusCode must be a whole number from 2000 to 9999, not ${statusCode}`);
		}
		super('ERR_MM7_REJECTED', { detail: details === undefined ? `${statusCode}` : `${statusCode} ${details}` });
		this.name = 'Mm7Rejection';
		this.statusCode = statusCode;
		this.details = details;
	}
}

/** Makes a coded error of anything that was thrown; what has a code keeps it. */
export function asMm7Error(thrown: unknown, code: Mm7ErrorCode): Mm7Error {
	return thrown instanceof Mm7Error ? thrown : new Mm7Error(code, { cause: thrown });
}
