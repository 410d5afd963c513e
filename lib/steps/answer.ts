import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultCode, Mm7Error } from '../errors.js';
import { NEWEST_RELEASE } from '../mm7/namespaces.js';
import { type Mm7Status, textOf } from '../mm7/status.js';
import { SOAP_NAMESPACES, type SoapVersion } from '../soap/soap-version.js';
import { escapeXml } from '../xml/escape.js';
import type { ParsedEnvelope } from './read-envelope.js';

/** A complete answer, before it is sent. */
export interface Answer {
	readonly httpStatus: number;
	readonly contentType: string;
	/** Well-formed XML, to be sent in UTF-8. */
	readonly body: string;
	/** The StatusCode inside; `undefined` for a fault without detail. */
	readonly statusCode: number | undefined;
}

/** What an answer repeats of its request. */
export interface Addressee {
	readonly soapVersion: SoapVersion;
	readonly transactionId: string | undefined;
	readonly namespace: string;
	readonly mm7Version: string;
}

const CONTENT_TYPES = {
	'1.1': 'text/xml; charset=utf-8',
	'1.2': 'application/soap+xml; charset=utf-8',
} as const satisfies Record<SoapVersion, string>;

/** Who is answered: what could be read of the request, else the newest release. */
export function addressee(parsed: ParsedEnvelope | undefined, error?: Mm7Error): Addressee {
	return {
		soapVersion: parsed?.soapVersion ?? '1.1',
		transactionId: parsed?.envelope.transactionId ?? error?.transactionId,
		namespace: parsed?.envelope.namespace ?? parsed?.headerNamespace ?? NEWEST_RELEASE.namespace,
		mm7Version: parsed?.envelope.mm7Version ?? NEWEST_RELEASE.mm7Version,
	};
}

/**
 * Step 7: the DeliveryReportRsp (TS 23.140 section 8.4.4.3) for the outcome of a handler. HTTP 200 whatever the
 * status: the report was read, and the provider shall stop.
 */
export function responseFor(to: Addressee, status: Mm7Status): Answer {
	const operation = `<DeliveryReportRsp xmlns="${escapeXml(to.namespace)}">${statusXml(to, status)}</DeliveryReportRsp>`;
	return makeAnswer(to, operation, 200, status.statusCode);
}

/**
 * Step 7: the answer for an error: a SOAP fault around a VASPErrorRsp, or a refusing DeliveryReportRsp where the
 * report could be read. Says nothing of what was thrown.
 *
 * @param clientFaultStatus - HTTP status of the faults that the sender has to answer for
 */
export function answerFor(to: Addressee, error: Mm7Error, clientFaultStatus: number): Answer {
	const { faultCode, statusCode, publicText } = error;
	const status = statusCode === undefined ? undefined : { statusCode, details: error.detail };
	if (faultCode === 'none' && status) return responseFor(to, status);
	const httpStatus = error.httpStatus === 'client' ? clientFaultStatus : error.httpStatus;
	const detail =
		status &&
		`<VASPErrorRsp xmlns="${escapeXml(to.namespace)}">${statusXml(to, { statusCode: status.statusCode })}</VASPErrorRsp>`;
	const fault = FAULTS[to.soapVersion](faultCode, escapeXml(publicText), detail, to);
	return makeAnswer(to, `<env:Fault>${fault}</env:Fault>`, httpStatus, statusCode);
}

function statusXml(to: Addressee, status: Mm7Status): string {
	const details = (status.details ?? '') === '' ? '' : `<Details>${escapeXml(String(status.details))}</Details>`;
	return (
		`<MM7Version>${escapeXml(to.mm7Version)}</MM7Version>` +
		`<Status><StatusCode>${status.statusCode}</StatusCode>` +
		`<StatusText>${escapeXml(textOf(status))}</StatusText>${details}</Status>`
	);
}

/** SOAP by prefix, MM7 as default namespace of its own elements: so the children of a fault stay in no namespace. */
function makeAnswer(to: Addressee, content: string, httpStatus: number, statusCode: number | undefined): Answer {
	const header =
		to.transactionId === undefined
			? ''
			: `<env:Header><TransactionID xmlns="${escapeXml(to.namespace)}" env:mustUnderstand="1">` +
				`${escapeXml(to.transactionId)}</TransactionID></env:Header>`;
	return {
		httpStatus,
		contentType: CONTENT_TYPES[to.soapVersion],
		body:
			'<?xml version="1.0" encoding="UTF-8"?>\n' +
			`<env:Envelope xmlns:env="${SOAP_NAMESPACES[to.soapVersion]}">${header}` +
			`<env:Body>${content}</env:Body></env:Envelope>`,
		statusCode,
	};
}

type FaultXml = (code: FaultCode, text: string, detail: string | undefined, to: Addressee) => string;

const FAULTS: Record<SoapVersion, FaultXml> = {
	/** SOAP 1.1 section 4.4; faults about the header carry no detail. */
	'1.1': (code, text, detail) =>
		`<faultcode>env:${code}</faultcode><faultstring>${text}</faultstring>` +
		(detail === undefined ? '' : `<detail>${detail}</detail>`),
	/** SOAP 1.2 part 1, section 5.4. */
	'1.2': (code, text, detail, to) => {
		const [main, sub] = code.split('.');
		const subcode =
			sub === undefined
				? ''
				: `<env:Subcode><env:Value xmlns:mm7="${escapeXml(to.namespace)}">mm7:${sub}</env:Value></env:Subcode>`;
		return (
			`<env:Code><env:Value>env:${SOAP12_CODES[main ?? ''] ?? main}</env:Value>${subcode}</env:Code>` +
			`<env:Reason><env:Text xml:lang="en">${text}</env:Text></env:Reason>` +
			(detail === undefined ? '' : `<env:Detail>${detail}</env:Detail>`)
		);
	},
};

const SOAP12_CODES: Readonly<Record<string, string>> = { Client: 'Sender', Server: 'Receiver' };

const EXTRA_HEADERS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
	401: { 'WWW-Authenticate': 'Basic realm="mm7", charset="UTF-8"' },
	405: { Allow: 'POST' },
};

/** The longest unread rest of a request that is read away so that the connection can be used again. */
const WORTH_READING = 64 * 1024;
/** Milliseconds that a closing connection stays open for a client that is still sending. */
const LINGER = 1000;

/**
 * Step 7, last: sends the answer, once. Content-Length, never chunked: some SOAP clients cannot read chunks.
 *
 * @returns whether anybody was left to be answered
 */
export function send(req: IncomingMessage, res: ServerResponse, answer: Answer): boolean {
	if (res.headersSent || res.destroyed || res.socket?.destroyed) return false;
	const { httpStatus, contentType, body } = answer;
	const length = Buffer.byteLength(body);
	// of plain ASCII both are the same bytes, and this one needs no second look at each character
	const encoding = length === body.length ? 'latin1' : 'utf8';
	const headers: Record<string, string | number> = { 'Content-Type': contentType, 'Content-Length': length };
	const extra = EXTRA_HEADERS[httpStatus];
	if (extra) Object.assign(headers, extra);
	if (req.complete || isShort(req, answer)) {
		res.writeHead(httpStatus, headers).end(body, encoding);
	} else {
		headers['Connection'] = 'close';
		res.writeHead(httpStatus, headers).write(body, encoding);
		endAfterRequest(req, res);
	}
	return true;
}

function isShort(req: IncomingMessage, { httpStatus }: Answer): boolean {
	const length = Number(req.headers['content-length'] ?? (req.headers['transfer-encoding'] ? Number.NaN : 0));
	return length <= WORTH_READING && httpStatus !== 408;
}

/** Closing while the client still sends would reset the connection, and the client might never read the answer. */
function endAfterRequest(req: IncomingMessage, res: ServerResponse): void {
	const end = () => {
		clearTimeout(timer);
		res.end();
	};
	const timer = setTimeout(end, LINGER);
	req.once('end', end).once('close', end);
	req.resume();
}
