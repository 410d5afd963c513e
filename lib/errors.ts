import { quote } from './checks.js';
import type { SoapVersion } from './soap/soap-version.js';

/** The fault code in the words of SOAP 1.1 (section 4.4.1); `none` if the error is sent as a response, not as a fault. */
export type FaultCode = 'Client' | 'Client.TransactionID' | 'Server' | 'VersionMismatch' | 'none';

/** An error, and the response to it. */
export interface ErrorTraits {
	readonly text: string;
	/** HTTP status; `client` means the option `clientFaultStatus`. Absent if no response is sent. */
	readonly http?: number | 'client';
	readonly fault?: FaultCode;
	/** MM7 StatusCode of the response, if it has one. */
	readonly status?: number;
	/** Begins a message that has a detail. Default: the text and a colon. */
	readonly subject?: string;
	/** Sent to the provider instead of text and detail, which describe this server. */
	readonly told?: string;
	readonly hidesDetail?: boolean;
}

const DAMAGED = { http: 'client', fault: 'Client', status: 2007 } as const;
const INVALID = { http: 'client', fault: 'Client', status: 4004 } as const;
const UNAVAILABLE = { http: 500, fault: 'Server', status: 4006, told: 'Service unavailable' } as const;
/** The admission step's details describe the client's address. */
const NOT_ADMITTED = { fault: 'Client', hidesDetail: true } as const;

/** Every error of the package by its code, and the response to it. docs/errors.md prints this table. */
export const ERRORS = {
	// admit
	ERR_MM7_METHOD_NOT_ALLOWED: { http: 405, fault: 'Client', status: 4003, text: 'Only POST is supported' },
	ERR_MM7_FORBIDDEN: { ...NOT_ADMITTED, http: 403, status: 4007, text: 'This address is not allowed to send reports' },
	ERR_MM7_UNAUTHORIZED: { ...NOT_ADMITTED, http: 401, status: 4001, text: 'Credentials are missing or wrong' },
	ERR_MM7_ADMISSION_FAILED: { ...UNAVAILABLE, text: 'authenticate failed' },
	// read the body
	ERR_MM7_BODY_TOO_LARGE: { ...DAMAGED, http: 413, text: 'The request body is too large' },
	ERR_MM7_BODY_TIMEOUT: { http: 408, fault: 'Server', status: 4006, text: 'The request body took too long' },
	ERR_MM7_BODY_ENCODING: { ...DAMAGED, http: 415, text: 'The Content-Encoding is not supported' },
	ERR_MM7_BODY_CORRUPT: { ...DAMAGED, text: 'The request body is damaged' },
	ERR_MM7_BODY_EMPTY: { ...DAMAGED, text: 'The request has no body' },
	ERR_MM7_BODY_CONSUMED: { ...UNAVAILABLE, text: 'The request body is gone' },
	ERR_MM7_ABORTED: { text: 'The client disconnected' },
	// find the root part
	ERR_MM7_MIME: { ...DAMAGED, text: 'The body is neither XML nor readable MIME' },
	ERR_MM7_TOO_MANY_PARTS: { ...DAMAGED, text: 'The body has too many parts' },
	ERR_MM7_SOAP_TOO_LARGE: { ...DAMAGED, http: 413, text: 'The SOAP part is too large' },
	// read the envelope
	ERR_MM7_XML: { ...INVALID, text: 'The SOAP part is not well-formed XML' },
	ERR_MM7_DOCTYPE: { ...INVALID, text: 'SOAP does not allow a document type' },
	ERR_MM7_TOO_MANY_ELEMENTS: { ...INVALID, text: 'Too many XML elements' },
	ERR_MM7_TOO_DEEP: { ...INVALID, text: 'XML elements are nested too deeply' },
	ERR_MM7_TOO_MANY_ATTRIBUTES: { ...INVALID, text: 'Too many XML attributes' },
	ERR_MM7_NOT_SOAP: { ...INVALID, text: 'The XML is not a SOAP message' },
	ERR_MM7_SOAP_VERSION: { http: 'client', fault: 'VersionMismatch', text: 'Unsupported SOAP version' },
	ERR_MM7_OPERATION: { ...INVALID, status: 4003, text: 'This operation is not supported' },
	// read the report
	ERR_MM7_TRANSACTION_ID: {
		http: 'client',
		fault: 'Client.TransactionID',
		text: 'The TransactionID is missing or unusable',
	},
	ERR_MM7_SEVERAL_REPORTS: { http: 200, fault: 'none', status: 4004, text: 'The request holds several reports' },
	ERR_MM7_ELEMENT_MISSING: { http: 200, fault: 'none', status: 4004, text: 'Validation error' },
	// run the handler
	ERR_MM7_REJECTED: { http: 200, fault: 'none', text: 'Rejected by the application' },
	ERR_MM7_HANDLER_FAILED: { ...UNAVAILABLE, subject: 'The handler', text: 'The handler failed' },
	ERR_MM7_HANDLER_TIMEOUT: { ...UNAVAILABLE, subject: 'The handler', text: 'The handler did not finish in time' },
	ERR_MM7_SERVICE_ERROR: { http: 500, fault: 'Server', status: 4005, text: 'Service error', told: 'Service error' },
	ERR_MM7_STORE_FAILED: { text: 'The store of duplicates failed' },
	// respond
	ERR_MM7_NOT_DELIVERED: { text: 'The client disconnected before the response was delivered' },
	ERR_MM7_ALREADY_ANSWERED: { text: 'A response had already been sent' },
	ERR_MM7_INTERNAL: { ...UNAVAILABLE, text: 'A defect of mm7-delivery-reports' },
} as const satisfies Record<string, ErrorTraits>;

/** The stable code of an error: compare this, never the message. */
export type Mm7ErrorCode = keyof typeof ERRORS;

type Mm7ErrorDetails = { readonly cause?: unknown } & Partial<
	Pick<Mm7Error, 'detail' | 'transactionId' | 'soapVersion' | 'namespace'>
>;

/**
 * Every error of this package. `code` is stable and identifies the error, `message` ends with the place in the
 * documentation that says what to do, and `cause` is the underlying error.
 */
export class Mm7Error extends Error {
	/** Stable name of the error, `ERR_MM7_…`. */
	readonly code: Mm7ErrorCode;
	/** StatusCode of the response (TS 23.140 8.7.8.2); `undefined` if it has none. */
	readonly statusCode: number | undefined;
	/** The exact problem, in one phrase. Sent to the provider only if the provider is at fault. */
	readonly detail: string | undefined;
	/** The TransactionID, if it could be read although the rest could not. */
	readonly transactionId: string | undefined;
	/** The SOAP version, in the same case. */
	declare readonly soapVersion?: SoapVersion | undefined;
	/** The namespace of MM7 in the SOAP Header, in the same case. */
	declare readonly namespace?: string | undefined;

	constructor(code: Mm7ErrorCode, { detail, cause, transactionId, soapVersion, namespace }: Mm7ErrorDetails = {}) {
		const { text, subject = `${text}:`, status }: ErrorTraits = ERRORS[code];
		const message = detail === undefined ? text : `${subject} ${detail}`;
		super(`${message} (docs/errors.md#${code.toLowerCase()})`, cause === undefined ? undefined : { cause });
		this.name = 'Mm7Error';
		this.code = code;
		this.statusCode = status;
		this.detail = detail;
		this.transactionId = transactionId;
		if (soapVersion !== undefined) this.soapVersion = soapVersion;
		if (namespace !== undefined) this.namespace = namespace;
	}
}

/** The exported class, for use as a type and with `instanceof`. Only this package can construct an error with any code. */
export const PublicMm7Error: abstract new (...args: never[]) => Mm7Error = Mm7Error;
export type PublicMm7Error = Mm7Error;

/**
 * The application permanently rejects a report: HTTP 200 with a response of this StatusCode, after which providers stop
 * sending it. Thrown by a handler; returning `{ statusCode }` does the same. If `authenticate` throws it, the response is
 * HTTP 403 (4007).
 */
export class Mm7Rejection extends Mm7Error {
	/** StatusCode of the response, 2000 to 9999 (TS 23.140 8.7.8.2). */
	declare readonly statusCode: number;
	/** Free text for the provider, sent as the `Details` of the Status. */
	readonly details: string | undefined;

	/** @throws TypeError if statusCode is not a whole number from 2000 to 9999 */
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

/**
 * A permanent failure of the application, thrown by a handler: HTTP 500 with a SOAP fault of StatusCode 4005 (Service
 * error, TS 23.140 8.7.8.2). Providers that only look at the HTTP status retry anyway; to stop them, throw an
 * {@link Mm7Rejection}.
 */
export class Mm7ServiceError extends Mm7Error {
	/** 4005. */
	declare readonly statusCode: 4005;

	/** @param detail - the problem, for your log; not sent to the provider */
	constructor(detail?: string, options: { readonly cause?: unknown } = {}) {
		super('ERR_MM7_SERVICE_ERROR', { detail, cause: options.cause });
		this.name = 'Mm7ServiceError';
	}
}

/** Returns an Mm7Error unchanged, and anything else that was thrown as the cause of a new one. */
export function asMm7Error(thrown: unknown, code: Mm7ErrorCode): Mm7Error {
	return thrown instanceof Mm7Error ? thrown : new Mm7Error(code, { cause: thrown });
}

const MAX_REASON_LENGTH = 200;

/** Describes a thrown value in one line: by its message, code or name, or else by the value itself. */
export function reasonOf(thrown: unknown): string {
	const { message, code, name } = Object(thrown) as Readonly<Record<string, unknown>>;
	const reason = [message, code, name].find((text): text is string => typeof text === 'string' && text !== '');
	const [line = ''] = (reason ?? quote(thrown)).split('\n', 1);
	return line.length > MAX_REASON_LENGTH ? `${line.slice(0, MAX_REASON_LENGTH)}…` : line;
}
