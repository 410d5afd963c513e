/** Texts of the MM7 status codes: TS 23.140 section 8.7.8.2, and codes that providers added. */
const STATUS_TEXTS: Readonly<Record<number, string>> = {
	1000: 'Success',
	1100: 'Partial success',
	2000: 'Client error',
	2001: 'Operation restricted',
	2002: 'Address error',
	2003: 'Address not found',
	2004: 'Multimedia content refused',
	2005: 'Message ID not found',
	2006: 'LinkedID not found',
	2007: 'Message format corrupt',
	2008: 'Application ID not found',
	2009: 'Reply application ID not found',
	3000: 'Server error',
	3001: 'Not possible',
	3002: 'Message rejected',
	3003: 'Multiple addresses not supported',
	3004: 'Application addressing not supported',
	4000: 'General service error',
	4001: 'Improper identification',
	4002: 'Unsupported version',
	4003: 'Unsupported operation',
	4004: 'Validation error',
	4005: 'Service error',
	4006: 'Service unavailable',
	4007: 'Service denied',
	4008: 'Application denied',
};

/** The one code that asks the provider to retry (TS 23.140: "Service unavailable"). */
export const RETRY = 4006;

export function isAcceptance(statusCode: number): boolean {
	return statusCode >= 1000 && statusCode < 2000;
}

/** The Status of an MM7 response (TS 23.140 section 8.7.8). */
export interface Mm7Status {
	/** Four digits; 1xxx accepts the report, anything else rejects it. */
	readonly statusCode: number;
	/** Default: the standard text of the code. */
	readonly statusText?: string | undefined;
	/** Free text for the provider. Default: none. */
	readonly details?: string | undefined;
}

export const SUCCESS: Mm7Status = { statusCode: 1000 };

/** Checks the shape of a status; an `Mm7Rejection` of another copy of this package has it too. */
export function isMm7Status(value: unknown): value is Mm7Status {
	if (typeof value !== 'object' || value === null) return false;
	const { statusCode = 0 } = value as Partial<Mm7Status>;
	return Number.isInteger(statusCode) && statusCode >= 1000 && statusCode <= 9999;
}

/** The given StatusText, else the standard one of the code, else that of its class (2550 as 2000), else that of 3000. */
export function textOf({ statusCode, statusText }: Mm7Status): string {
	if (typeof statusText === 'string' && statusText !== '') return statusText;
	const generic = Math.floor(statusCode / 1000) * 1000;
	return STATUS_TEXTS[statusCode] ?? STATUS_TEXTS[generic] ?? 'Server error';
}
