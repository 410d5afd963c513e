import { quote } from './checks.js';
import type { SoapVersion } from './soap/soap-version.js';

/** Who is at fault, in the words of SOAP 1.1 (section 4.4.1); `none` where the answer is a response, not a fault. */
export type FaultCode = 'Client' | 'Client.TransactionID' | 'Server' | 'VersionMismatch' | 'none';

/** One row of the table: what an error is, and how it is answered. */
export interface ErrorTraits {
	/** The general text of the error. */
	readonly text: string;
	/** HTTP status of the answer; `client` stands for the option `clientFaultStatus`. Absent where nothing is answered. */
	readonly http?: number | 'client';
	readonly fault?: FaultCode;
	/** MM7 StatusCode of the answer, where it carries one. */
	readonly status?: number;
	/** With a detail, the message is this and the detail, as one sentence. Default: the text, a colon and the detail. */
	readonly subject?: string;
	/** What the provider reads instead of text and detail, which describe this server and not the request. */
	readonly told?: string;
}

const UNAVAILABLE = { http: 500, fault: 'Server', status: 4006, told: 'Service unavailable' } as const;

/** Every error of the package by its code, and what the provider gets for it. docs/errors.md prints this table. */
export const ERRORS = {
	// admit
	ERR_MM7_METHOD_NOT_ALLOWED: { http: 405, fault: 'Client', status: 4003, text: 'Only POST is supported' },
	ERR_MM7_FORBIDDEN: {
		http: 403,
		fault: 'Client',
		status: 4007,
		text: 'This address is not allowed to send reports',
		told: 'This address is not allowed to send reports',
	},
	ERR_MM7_UNAUTHORIZED: {
		http: 401,
		fault: 'Client',
		status: 4001,
		text: 'Credentials are missing or wrong',
		told: 'Credentials are missing or wrong',
	},
	ERR_MM7_ADMISSION_FAILED: { ...UNAVAILABLE, text: 'authenticate failed' },
	// read the body
	ERR_MM7_BODY_TOO_LARGE: { http: 413, fault: 'Client', status: 2007, text: 'The request body is too large' },
	ERR_MM7_BODY_TIMEOUT: { http: 408, fault: 'Server', status: 4006, text: 'The request body took too long' },
	ERR_MM7_BODY_ENCODING: { http: 415, fault: 'Client', status: 2007, text: 'The Content-Encoding is not supported' },
	ERR_MM7_BODY_CORRUPT: { http: 'client', fault: 'Client', status: 2007, text: 'The request body is damaged' },
	ERR_MM7_BODY_EMPTY: { http: 'client', fault: 'Client', status: 2007, text: 'The request has no body' },
	ERR_MM7_BODY_CONSUMED: { ...UNAVAILABLE, text: 'The request body is gone' },
	ERR_MM7_ABORTED: { text: 'The client disconnected' },
	// find the root part
	ERR_MM7_MIME: { http: 'client', fault: 'Client', status: 2007, text: 'The body is neither XML nor readable MIME' },
	ERR_MM7_TOO_MANY_PARTS: { http: 'client', fault: 'Client', status: 2007, text: 'The body has too many parts' },
	ERR_MM7_SOAP_TOO_LARGE: { http: 413, fault: 'Client', status: 2007, text: 'The SOAP part is too large' },
	// read the envelope
	ERR_MM7_XML: { http: 'client', fault: 'Client', status: 4004, text: 'The SOAP part is not well-formed XML' },
	ERR_MM7_DOCTYPE: { http: 'client', fault: 'Client', status: 4004, text: 'SOAP does not allow a document type' },
	ERR_MM7_TOO_MANY_ELEMENTS: { http: 'client', fault: 'Client', status: 4004, text: 'Too many XML elements' },
	ERR_MM7_TOO_DEEP: { http: 'client', fault: 'Client', status: 4004, text: 'XML elements are nested too deeply' },
	ERR_MM7_TOO_MANY_ATTRIBUTES: { http: 'client', fault: 'Client', status: 4004, text: 'Too many XML attributes' },
	ERR_MM7_NOT_SOAP: { http: 'client', fault: 'Client', status: 4004, text: 'The XML is not a SOAP message' },
	ERR_MM7_SOAP_VERSION: { http: 'client', fault: 'VersionMismatch', text: 'Unsupported SOAP version' },
	ERR_MM7_OPERATION: { http: 'client', fault: 'Client', status: 4003, text: 'This operation is not supported' },
	// read the report
	ERR_MM7_TRANSACTION_ID: {
		http: 'client',
		fault: 'Client.TransactionID',
		text: 'The TransactionID is missing or unusable',
	},
	ERR_MM7_SEVERAL_REPORTS: { http: 200, fault: 'none', status: 4004, text: 'The request holds several reports' },
	ERR_MM7_ELEMENT_MISSING: { http: 200, fault: 'none', status: 4004, text: 'Validation error' },
	// run the handler
	ERR_MM7_REJECTED: { http: 200, fault: 'none', text: 'Refused by the application' },
	ERR_MM7_HANDLER_FAILED: { ...UNAVAILABLE, subject: 'The handler', text: 'The handler failed' },
	ERR_MM7_HANDLER_TIMEOUT: { ...UNAVAILABLE, subject: 'The handler', text: 'The handler did not finish in time' },
	ERR_MM7_SERVICE_ERROR: { http: 500, fault: 'Server', status: 4005, text: 'Service error', told: 'Service error' },
	ERR_MM7_STORE_FAILED: { text: 'The store of duplicates failed' },
	// answer
	ERR_MM7_NOT_DELIVERED: { text: 'The client disconnected before the response was delivered' },
	ERR_MM7_ALREADY_ANSWERED: { text: 'The response had already been sent' },
	ERR_MM7_INTERNAL: { ...UNAVAILABLE, text: 'A defect of mm7-delivery-reports' },
} as const satisfies Record<string, ErrorTraits>;

/** The stable code of an error: compare this, never the message. */
export type Mm7ErrorCode = keyof typeof ERRORS;

/** What may be said of an error beyond its code. */
export type Mm7ErrorDetails = { readonly cause?: unknown } & Partial<
	Pick<Mm7Error, 'detail' | 'transactionId' | 'soapVersion' | 'namespace'>
>;

/**
 * Every error of this package. `code` is stable and says what happened, `message` ends with the place in the
 * documentation that says what to do, and `cause` is the error behind it.
 */
export class Mm7Error extends Error {
	/** Stable name of the error, `ERR_MM7_…`. */
	readonly code: Mm7ErrorCode;
	/** StatusCode of the answer (TS 23.140 8.7.8.2); `undefined` where there is none. */
	readonly statusCode: number | undefined;
	/** What exactly is wrong, in one phrase. Told to the provider only where the provider is at fault. */
	readonly detail: string | undefined;
	/** The TransactionID, where it could be read although the rest could not. */
	readonly transactionId: string | undefined;
	/** The SOAP version, in the same case. */
	declare readonly soapVersion?: SoapVersion | undefined;
	/** The namespace of MM7 in the SOAP Header, in the same case. */
	declare readonly namespace?: string | undefined;

	constructor(code: Mm7ErrorCode, { detail, cause, transactionId, soapVersion, namespace }: Mm7ErrorDetails = {}) {
		const { text, subject, status }: ErrorTraits = ERRORS[code];
		const what = detail === undefined ? text : `${subject ?? `${text}:`} ${detail}`;
		super(`${what} (docs/errors.md#${code.toLowerCase()})`, cause === undefined ? undefined : { cause });
		this.name = 'Mm7Error';
		this.code = code;
		this.statusCode = status;
		this.detail = detail;
		this.transactionId = transactionId;
		if (soapVersion !== undefined) this.soapVersion = soapVersion;
		if (namespace !== undefined) this.namespace = namespace;
	}
}

/**
 * The application's final refusal of a report: HTTP 200 with a response of this StatusCode, after which providers stop
 * sending it. Thrown by a handler; returning `{ statusCode }` does the same.
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

/**
 * A failure of the application that another try would not change: HTTP 500 with a SOAP fault of StatusCode 4005
 * (Service error, TS 23.140 8.7.8.2). Thrown by a handler. Providers that only read the HTTP status retry all the
 * same; to make them stop, throw a {@link Mm7Rejection}.
 *
 * @example
 * app.use('/mm7', mm7DeliveryReports((report) => {
 *   if (report.sender === undefined) throw new Mm7ServiceError('without a Sender we cannot tell whose report this is');
 * }));
 */
export class Mm7ServiceError extends Mm7Error {
	/** 4005. */
	declare readonly statusCode: 4005;

	/**
	 * @param detail - what is wrong, for your log; the provider does not read it
	 * @param options - `cause`: the error behind it
	 */
	constructor(detail?: string, options: { readonly cause?: unknown } = {}) {
		super('ERR_MM7_SERVICE_ERROR', { detail, cause: options.cause });
		this.name = 'Mm7ServiceError';
	}
}

/** Makes a coded error of anything that was thrown; what has a code keeps it. */
export function asMm7Error(thrown: unknown, code: Mm7ErrorCode): Mm7Error {
	return thrown instanceof Mm7Error ? thrown : new Mm7Error(code, { cause: thrown });
}

const MAX_REASON_LENGTH = 200;

/** What was thrown, in one line: the first of its message, its code or its name, else the value itself. */
export function reasonOf(thrown: unknown): string {
	const { message, code, name } = Object(thrown) as Readonly<Record<string, unknown>>;
	const said = [message, code, name].find((text): text is string => typeof text === 'string' && text !== '');
	const [line = ''] = (said ?? quote(thrown)).split('\n', 1);
	return line.length > MAX_REASON_LENGTH ? `${line.slice(0, MAX_REASON_LENGTH)}…` : line;
}
