import type { IncomingHttpHeaders } from 'node:http';
import { ERRORS, type ErrorTraits, type FaultCode, type Mm7Error } from '../errors.js';
import { NEWEST_RELEASE } from '../mm7/namespaces.js';
import { type Mm7Status, textOf } from '../mm7/status.js';
import { announcedSoapVersion, SOAP_NAMESPACES, type SoapVersion } from '../soap/soap-version.js';
import { rejectsMandatoryHeaders } from '../soap/user-agents.js';
import { escapeXml } from '../xml/escape.js';
import { isDeliveryReport, type ParsedEnvelope } from './read-envelope.js';

/** A complete response, before it is sent. */
export interface Answer {
	readonly httpStatus: number;
	readonly contentType: string;
	/** Well-formed XML, to be sent in UTF-8. */
	readonly body: string;
	/** The StatusCode inside; `undefined` for a fault without detail. */
	readonly statusCode: number | undefined;
}

/** The parts of a request that a response repeats. */
export interface Addressee {
	readonly soapVersion: SoapVersion;
	/** Name of the response element, `DeliveryReportRsp`. */
	readonly response: string;
	readonly namespace: string;
	readonly mm7Version: string;
	/** Unchanged; `undefined` if the request had none. */
	readonly transactionId: string | undefined;
	/** Namespace of the TransactionID. */
	readonly headerNamespace: string;
	readonly mustUnderstand: boolean;
}

/**
 * Collects the parts that a response repeats; for those that could not be read, the newest release, in the SOAP version
 * that the request announces.
 *
 * Header and body each keep their namespace, and `mustUnderstand` is set only if the request set it: SOAP stacks reject a
 * response with a header they did not ask for.
 */
export function addressee(
	parsed: ParsedEnvelope | undefined,
	headers: IncomingHttpHeaders,
	{ echoMustUnderstand }: { readonly echoMustUnderstand: boolean | 'auto' },
	error: Partial<Pick<Mm7Error, 'namespace' | 'soapVersion' | 'transactionId'>> = {},
): Addressee {
	const { transaction, envelope } = parsed ?? {};
	const headerNamespace = declarable(transaction?.namespace ?? error.namespace);
	const namespace = declarable(envelope?.namespace) ?? headerNamespace ?? NEWEST_RELEASE.namespace;
	const echo = echoMustUnderstand === 'auto' ? !rejectsMandatoryHeaders(headers['user-agent']) : echoMustUnderstand;
	return {
		soapVersion: parsed?.soapVersion ?? error.soapVersion ?? announcedSoapVersion(headers['content-type']),
		response: envelope && !isDeliveryReport(envelope) ? responseName(envelope.operation) : 'DeliveryReportRsp',
		namespace,
		mm7Version: upTo(MAX_VERSION_LENGTH, envelope?.mm7Version) ?? NEWEST_RELEASE.mm7Version,
		transactionId: envelope?.transactionId === undefined ? error.transactionId : transaction?.id,
		headerNamespace: headerNamespace ?? namespace,
		mustUnderstand: echo && transaction?.mustUnderstand === true,
	};
}

/** The namespaces of XML itself, which no document may declare as its default (Namespaces in XML 1.0, section 3). */
const NAMESPACES_OF_XML = ['http://www.w3.org/XML/1998/namespace', 'http://www.w3.org/2000/xmlns/'];

// escaping makes up to six characters of one
const MAX_NAMESPACE_LENGTH = 512;
const MAX_VERSION_LENGTH = 32;

function declarable(namespace = ''): string | undefined {
	return NAMESPACES_OF_XML.includes(namespace) ? undefined : upTo(MAX_NAMESPACE_LENGTH, namespace) || undefined;
}

function upTo(maxLength: number, text: string | undefined): string | undefined {
	return text !== undefined && text.length <= maxLength ? text : undefined;
}

/** The response to `DeliverReq` is `DeliverRsp`; characters that no name may begin with are left out (`q:1Req`). */
function responseName(operation: string): string {
	return `${operation.replace(/^(?:.*:)?[^\p{L}_]*/su, '').replace(/Req$/i, '')}Rsp`;
}

/**
 * The response to the outcome of a handler (TS 23.140 section 8.4.4.3 for a DeliveryReportRsp). HTTP 200 for every
 * status: the report was read, and the provider should stop.
 */
export function responseFor(to: Addressee, status: Mm7Status): Answer {
	return makeAnswer(to, mm7Element(to.response, to, status), 200, status.statusCode);
}

/**
 * The response to an error: a SOAP fault around a VASPErrorRsp, or a rejecting response if the report could be read.
 * Contains nothing of a thrown error.
 */
export function answerFor(to: Addressee, error: Mm7Error, clientFaultStatus: number): Answer {
	const { http = 500, fault = 'Server', text, told, hidesDetail }: ErrorTraits = ERRORS[error.code];
	const { statusCode } = error;
	if (fault === 'none' && statusCode !== undefined) return responseFor(to, { statusCode, details: error.detail });
	const reason = told ?? (error.detail === undefined || hidesDetail ? text : `${text}: ${error.detail}`);
	const detail = statusCode === undefined ? '' : mm7Element('VASPErrorRsp', to, { statusCode });
	const content = element('env:Fault', faultXml(to, fault, escapeXml(reason), detail));
	return makeAnswer(to, content, http === 'client' ? clientFaultStatus : http, statusCode);
}

function mm7Element(name: string, { namespace, mm7Version }: Addressee, status: Mm7Status): string {
	return (
		`<${name} xmlns="${escapeXml(namespace)}"><MM7Version>${escapeXml(mm7Version)}</MM7Version>` +
		`<Status><StatusCode>${status.statusCode}</StatusCode>` +
		`<StatusText>${escapeXml(textOf(status))}</StatusText>` +
		`${element('Details', escapeXml(String(status.details ?? '')))}</Status></${name}>`
	);
}

const CONTENT_TYPES = {
	'1.1': 'text/xml; charset=utf-8',
	'1.2': 'application/soap+xml; charset=utf-8',
} as const satisfies Record<SoapVersion, string>;

/** SOAP has a prefix, and MM7's elements their default namespace, so the children of a fault are in no namespace. */
function makeAnswer(to: Addressee, content: string, httpStatus: number, statusCode: number | undefined): Answer {
	const body =
		'<?xml version="1.0" encoding="UTF-8"?>\n' +
		`<env:Envelope xmlns:env="${SOAP_NAMESPACES[to.soapVersion]}">${element('env:Header', headerXml(to))}` +
		`<env:Body>${content}</env:Body></env:Envelope>`;
	return { httpStatus, contentType: CONTENT_TYPES[to.soapVersion], body, statusCode };
}

function headerXml({ transactionId, headerNamespace, mustUnderstand }: Addressee): string {
	if (transactionId === undefined) return '';
	const attributes = `xmlns="${escapeXml(headerNamespace)}"${mustUnderstand ? ' env:mustUnderstand="1"' : ''}`;
	return `<TransactionID ${attributes}>${escapeXml(transactionId)}</TransactionID>`;
}

const SOAP12_CODES: Readonly<Record<string, string>> = { Client: 'Sender', Server: 'Receiver' };

/** SOAP 1.1 section 4.4, where faults about the header carry no detail; SOAP 1.2 part 1, section 5.4. */
function faultXml({ soapVersion, namespace }: Addressee, code: FaultCode, text: string, detail: string): string {
	if (soapVersion === '1.1')
		return `<faultcode>env:${code}</faultcode><faultstring>${text}</faultstring>${element('detail', detail)}`;
	const [main = '', sub] = code.split('.');
	const value = sub ? `<env:Value xmlns:mm7="${escapeXml(namespace)}">mm7:${sub}</env:Value>` : '';
	return (
		`<env:Code><env:Value>env:${SOAP12_CODES[main] ?? main}</env:Value>${element('env:Subcode', value)}</env:Code>` +
		`<env:Reason><env:Text xml:lang="en">${text}</env:Text></env:Reason>${element('env:Detail', detail)}`
	);
}

/** Writes an element, or nothing if it has no content. */
function element(name: string, content: string): string {
	return content && `<${name}>${content}</${name}>`;
}
