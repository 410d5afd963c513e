/** A reason for refusing requests, in words for the people who run the inbox. */
export interface RefusalReason {
	/** What happened. */
	readonly title: string;
	/** The HTTP status of the response; undefined if none is sent. */
	readonly http: number | undefined;
	/** What to do. */
	readonly advice: string;
	/** False if such a request is not a report, so that it only needs to be counted. Default: true. */
	readonly alarms?: boolean;
}

const DIALECT =
	'Look at a request. If it is a report, report its dialect to this project, and read the requests again after an update. Otherwise, send it to the provider.';
const LIMIT = 'Look at a request: it is far larger than any known report, so it is probably something else.';
const FAULTY = 'Send a request to the provider: only the provider can fix it.';
const STORING =
	'See the log for the cause and fix it soon: the next attempt is accepted. Requests that the provider has given up on can be read again.';
const DEFECT = 'Please report this defect, with the stack in the log.';

/** Reasons that are neither an error of the middleware nor of Node's HTTP parser. */
const OWN_REASONS = {
	WRONG_PATH: {
		title: 'The path does not receive reports',
		http: 404,
		advice:
			'Give the provider the URL that ends in /mm7, or in /mm7/NAME if PROVIDERS names it. A proxy in front may also change the path.',
	},
	NOT_FOUND: {
		title: 'Other data was sent to a path that does not exist',
		http: 404,
		advice: 'Nothing: it is neither XML nor MIME, so it was not a report. Scanners do this.',
		alarms: false,
	},
	HOST_MISSING: {
		title: 'The Host header is missing',
		http: 400,
		advice: 'If it is the provider, set REQUIRE_HOST_HEADER=false. It is safe here.',
	},
	NO_BODY: {
		title: 'The body is not kept, or only its beginning',
		http: undefined,
		advice: 'Nothing: such a request cannot be read again.',
	},
	OTHER_OPERATION: {
		title: 'Another operation was accepted, as OTHER_OPERATIONS says',
		http: 200,
		advice: 'Nothing: the request was acknowledged and not processed. An incoming MMS belongs to another URL.',
		alarms: false,
	},
} as const satisfies Record<string, RefusalReason>;

/** The errors of the middleware: docs/errors.md has their exact conditions. */
const ERRORS: Readonly<Record<string, RefusalReason>> = {
	ERR_MM7_METHOD_NOT_ALLOWED: {
		title: 'The request is not a POST',
		http: 405,
		advice: 'Nothing, if it was a browser or a scanner. A health check belongs to /healthz.',
		alarms: false,
	},
	ERR_MM7_FORBIDDEN: {
		title: 'The address is not allowed to send reports',
		http: 403,
		advice:
			'If it is the provider, add its address to MM7_ALLOW_FROM. If it is your proxy, set TRUST_PROXY. Web pages of other sites always end here.',
	},
	ERR_MM7_UNAUTHORIZED: {
		title: 'User name or password is missing or wrong',
		http: 401,
		advice: 'Compare MM7_USER and MM7_PASSWORD with what the provider has. A proxy may also remove the header.',
	},
	ERR_MM7_ADMISSION_FAILED: { title: 'The credentials could not be checked', http: 500, advice: DEFECT },
	ERR_MM7_BODY_TOO_LARGE: { title: 'The body is larger than 1 MB', http: 413, advice: LIMIT },
	ERR_MM7_BODY_TIMEOUT: {
		title: 'The body did not arrive in time',
		http: 408,
		advice: 'The network is slow, or the sender announces more bytes than it sends, which only the sender can fix.',
	},
	ERR_MM7_BODY_ENCODING: {
		title: 'The Content-Encoding is not supported',
		http: 415,
		advice: 'Ask the provider to send gzip, deflate, br, or no compression.',
	},
	ERR_MM7_BODY_CORRUPT: {
		title: 'The body is damaged',
		http: 500,
		advice: 'If every report ends here, a proxy probably changes the bodies.',
	},
	ERR_MM7_BODY_EMPTY: {
		title: 'The request has no body',
		http: 500,
		advice: 'If it is the provider, give it the final URL: a redirect from http to https loses the body.',
	},
	ERR_MM7_BODY_CONSUMED: { title: 'The body was gone', http: 500, advice: DEFECT },
	ERR_MM7_ABORTED: {
		title: 'The client disconnected before its request was complete',
		http: undefined,
		advice: 'If it happens often, a proxy times out too early.',
	},
	ERR_MM7_MIME: { title: 'The body is neither XML nor readable MIME', http: 500, advice: DIALECT },
	ERR_MM7_TOO_MANY_PARTS: { title: 'The body has too many parts', http: 500, advice: LIMIT },
	ERR_MM7_SOAP_TOO_LARGE: { title: 'The SOAP part is larger than 256 kB', http: 413, advice: LIMIT },
	ERR_MM7_XML: { title: 'The XML is not well-formed', http: 500, advice: DIALECT },
	ERR_MM7_DOCTYPE: {
		title: 'The XML has a DOCTYPE, which SOAP forbids',
		http: 500,
		advice: 'Nothing: it is usually an attack.',
	},
	ERR_MM7_TOO_MANY_ELEMENTS: { title: 'The XML has too many elements', http: 500, advice: LIMIT },
	ERR_MM7_TOO_DEEP: { title: 'The XML is nested too deeply', http: 500, advice: LIMIT },
	ERR_MM7_TOO_MANY_ATTRIBUTES: { title: 'An XML element has too many attributes', http: 500, advice: LIMIT },
	ERR_MM7_NOT_SOAP: { title: 'The XML is not a SOAP message', http: 500, advice: DIALECT },
	ERR_MM7_SOAP_VERSION: { title: 'The SOAP version is not supported', http: 500, advice: FAULTY },
	ERR_MM7_OPERATION: {
		title: 'It is another operation, not a report',
		http: 500,
		advice:
			'Give the provider another URL for incoming MMS. Until then, OTHER_OPERATIONS=accept stops the retries: it acknowledges each one without processing it.',
	},
	ERR_MM7_TRANSACTION_ID: { title: 'The TransactionID is missing or unusable', http: 500, advice: FAULTY },
	ERR_MM7_SEVERAL_REPORTS: {
		title: 'One request has several reports',
		http: 200,
		advice: 'Ask the provider to send each report in its own request. These are in the kept bodies.',
	},
	ERR_MM7_ELEMENT_MISSING: { title: 'MessageID, Recipient or MMStatus is missing', http: 200, advice: DIALECT },
	ERR_MM7_REJECTED: { title: 'The inbox rejected the report', http: 200, advice: 'See the message of the request.' },
	ERR_MM7_HANDLER_FAILED: { title: 'The report could not be stored', http: 500, advice: STORING },
	ERR_MM7_HANDLER_TIMEOUT: { title: 'Storing the report took too long', http: 500, advice: STORING },
	ERR_MM7_SERVICE_ERROR: { title: 'The report could not be stored', http: 500, advice: STORING },
	ERR_MM7_INTERNAL: { title: 'The receiver has a defect', http: 500, advice: DEFECT },
};

/** The errors of Node's HTTP parser that have their own words, or the status that Node.js would send. */
const PARSER_ERRORS: Readonly<Record<string, RefusalReason>> = {
	HPE_INVALID_METHOD: {
		title: 'The bytes are not HTTP',
		http: 400,
		advice: 'Nothing, if it was a scanner. If it is the provider, it sends HTTPS to the HTTP port.',
		alarms: false,
	},
	HPE_HEADER_OVERFLOW: { title: 'The headers are larger than 16 kB', http: 431, advice: FAULTY },
	HPE_CHUNK_EXTENSIONS_OVERFLOW: { title: 'A chunk extension is too long', http: 413, advice: FAULTY },
	ERR_HTTP_REQUEST_TIMEOUT: {
		title: 'The request did not arrive in time',
		http: 408,
		advice: 'The network is slow, or the sender announces more bytes than it sends, which only the sender can fix.',
	},
};

const INVALID_HTTP: RefusalReason = {
	title: 'The request is not valid HTTP',
	http: 400,
	advice: 'If it is the provider, see “Invalid HTTP” in the README: INSECURE_HTTP_PARSER=true accepts most of it.',
};

const REASONS: Readonly<Record<string, RefusalReason>> = { ...OWN_REASONS, ...ERRORS, ...PARSER_ERRORS };

/** Returns the words for a reason. Unknown ones are codes of Node's HTTP parser. */
export function describeReason(reason: string): RefusalReason {
	return (Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined) ?? INVALID_HTTP;
}

/** Checks whether the requests may be reports, so that someone should look. */
export function isAlarming(reason: string): boolean {
	return describeReason(reason).alarms ?? true;
}

/** Removes the place in the documentation that ends the message of an error; the page says what to do itself. */
export function withoutReference(message: string): string {
	return message.replace(/ \(docs\/errors\.md#\w+\)$/, '');
}

/** Says what the provider does after a response. */
export function providerReaction(httpStatus: number | undefined, statusCode?: number): string {
	if (httpStatus === undefined) return 'The client got no response, so it retries.';
	if (httpStatus === 200) {
		return statusCode === 1000
			? 'The provider got StatusCode 1000, so it does not send the request again.'
			: 'The provider got HTTP 200 with an error, which is final: it does not send the request again.';
	}
	const retries = 'Sinch retries every 5 minutes, 5 times; after that, the report is lost.';
	if (httpStatus >= 500 || httpStatus === 408) return `The provider got HTTP ${httpStatus} and retries. ${retries}`;
	return `The provider got HTTP ${httpStatus}. Some providers give up, most retry. ${retries}`;
}
