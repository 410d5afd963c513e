import { parseHeaderValue } from '../../mime/header-value.js';
import { MM7_NAMESPACE_BASE } from '../../mm7/namespaces.js';
import { SOAP_NAMESPACES } from '../../soap/soap-version.js';
import type { Reply } from '../client.js';
import {
	type DeliveryReportFields,
	type Mm7Response,
	parseResponse,
	readReplyRequest,
	deliveryReportRequest as report,
} from '../testing/index.js';
import { responseProblems } from './response-problems.js';
import type { Target, TargetRequest } from './target.js';

/** A requirement for receivers of delivery reports. */
export interface ConformanceCheck {
	/** Stable number, `MM7-101`. */
	readonly id: string;
	/** The clause that requires it. */
	readonly clause: string;
	/** MUST if the clause leaves no choice; SHOULD if providers or the robustness of the service require it. */
	readonly level: 'MUST' | 'SHOULD';
	/** The required behavior, as a sentence without its subject. */
	readonly title: string;
	/** Rejects with the reason if the receiver does not meet it. */
	readonly run: (target: Target) => Promise<unknown>;
}

const TS_SOAP = '3GPP TS 23.140, 8.7.1';
const TS_REPORT = '3GPP TS 23.140, 8.7.1.4';
const TS_READ_REPLY = '3GPP TS 23.140, 8.7.1.5';
const TS_STATUS = '3GPP TS 23.140, 8.7.8.2';
const TS_FAULT = '3GPP TS 23.140, 8.7.8.1';
const FORM_CLAUSES = { xml: TS_SOAP, multipart: 'RFC 2387', bare: 'Sinch, request example' } as const;

const NAMESPACES = ['REL-5-MM7-1-0', 'REL-5-MM7-1-2', 'REL-5-MM7-1-5', 'REL-6-MM7-1-0', 'REL-6-MM7-1-4'].map(
	(release) => MM7_NAMESPACE_BASE + release,
);
const SINCH_STATUSES =
	'Deferred Expired Forwarded Indeterminate NotSupported Rejected Retrieved Unreachable Unrecognized'.split(' ');

/** All checks, in the order of their numbers. The receiver must accept every report that it can read. */
export const conformanceChecks: readonly ConformanceCheck[] = [
	// 1xx: HTTP
	must('MM7-101', 'RFC 9110, 15.5.6', 'responds to GET with 405 and Allow: POST', async (target) => {
		const { status, headers } = await target({ method: 'GET' });
		expectEqual(status, 405, 'HTTP status');
		if (!/\bPOST\b/.test(headers.allow ?? '')) throw new Error(`Allow is ${headers.allow}`);
	}),
	must('MM7-102', 'SOAP 1.1, 6.2', 'responds to an accepted report with HTTP 200', (target) =>
		accepts(target, report()),
	),
	must('MM7-103', 'SOAP 1.1, 6', 'responds with text/xml in UTF-8', async (target) => {
		const { headers } = await accepted(target, report());
		const { value, parameters } = parseHeaderValue(headers['content-type']);
		expectEqual(value, 'text/xml', 'media type');
		// without a charset the XML declaration decides, and without that XML is UTF-8 (RFC 7303, section 3)
		expectEqual(parameters.get('charset')?.toLowerCase() ?? 'utf-8', 'utf-8', 'charset');
	}),
	should('MM7-104', 'Sinch, response example', 'sends the right Content-Length', async (target) => {
		const { headers, body } = await accepted(target, report());
		expectEqual(headers['content-length'], String(Buffer.byteLength(body)), 'Content-Length');
	}),
	must('MM7-105', 'SOAP 1.1, 6.1.1', 'ignores SOAPAction', (target) => {
		const actions = ['""', '"urn:other"'].map((SOAPAction) => report({}, { headers: { SOAPAction } }));
		return accepts(target, plain(xml()), ...actions);
	}),
	should('MM7-106', 'RFC 9110, 15.5.14', 'rejects an announced 100 MB with 413 at once', async (target) => {
		const headers = { 'Content-Length': String(100 * 1024 * 1024) };
		expectEqual((await target(report({}, { headers }))).status, 413, 'HTTP status');
	}),

	// 2xx: the response to an accepted report
	must('MM7-201', TS_REPORT, 'responds with a DeliveryReportRsp that follows the schema', (target) =>
		responds(target, 'operation', ['DeliveryReportRsp', report()]),
	),
	must('MM7-202', TS_SOAP, 'repeats the TransactionID, even one that needs escaping', (target) => {
		const ids = ['0007', 'a&b<c>"d\'e', '漢字'];
		return accepts(target, ...ids.map((transactionId) => ({ ...report({ transactionId }), transactionId })));
	}),
	must('MM7-203', TS_SOAP, 'repeats the namespace of the request', (target) =>
		responds(target, 'namespace', ...NAMESPACES.map((namespace) => [namespace, report({ namespace })] as const)),
	),
	must('MM7-204', TS_SOAP, 'repeats the MM7Version of the request', (target) => {
		const versions = ['5.3.0', '5.10.0', '6.5.0', '6.8.0'];
		return responds(target, 'mm7Version', ...versions.map((text) => [text, report({ mm7Version: text })] as const));
	}),
	must('MM7-205', TS_STATUS, 'gives StatusCode 1000 a StatusText', async (target) => {
		if (!(await accepted(target, report())).statusText) throw new Error('StatusText is missing');
	}),
	should('MM7-206', TS_SOAP, 'repeats the TransactionID in its own namespace', (target) => {
		const body = xml().replace('<TransactionID ', `<TransactionID xmlns="${NAMESPACES[0]}" `);
		return responds(target, 'transactionIdNamespace', [NAMESPACES[0], plain(body)]);
	}),
	should('MM7-207', 'SOAP 1.1, 4.2.3', 'sets mustUnderstand only if the request did', (target) => {
		const bodies = ['', 'soap-env:mustUnderstand="0"'].map((text) =>
			xml().replace('soap-env:mustUnderstand="1"', text),
		);
		return responds(target, 'mustUnderstand', ...bodies.map((body) => [false, plain(body)] as const));
	}),

	// 3xx: requests that must be accepted
	...(['xml', 'multipart', 'bare'] as const).flatMap((form, index) =>
		(['5.3.0', '6.8.0'] as const).map((version, release) =>
			must(`MM7-3${index}${release + 1}`, FORM_CLAUSES[form], `reads ${form}, MM7 ${version}`, (target) =>
				accepts(target, report({}, { form, version })),
			),
		),
	),
	must('MM7-331', 'RFC 2387, 3.2', 'finds the root part named by start after another part', (target) =>
		accepts(target, multipart(['image/png', '<image>', 'no picture'], ['text/xml', '<root>', xml()])),
	),
	must('MM7-332', 'RFC 2045, 6.8', 'reads a root part in base64', (target) => {
		const base64 = Buffer.from(xml()).toString('base64');
		return accepts(target, multipart(['text/xml\r\nContent-Transfer-Encoding: base64', '<root>', base64]));
	}),
	should('MM7-333', 'RFC 2046, 5.1.1', 'reads multipart with bare line feeds', (target) => {
		const { headers, body } = multipart(['text/xml', '<root>', xml()]);
		return accepts(target, { headers, body: body.replaceAll('\r\n', '\n') });
	}),
	must('MM7-341', 'XML 1.0, 4.3.3', 'reads UTF-16 with a byte order mark', (target) => {
		const body = Buffer.from(`\ufeff${xml().replace('UTF-8', 'UTF-16')}`, 'utf16le');
		return accepts(target, { headers: { 'Content-Type': 'text/xml; charset=utf-16' }, body });
	}),
	should('MM7-342', 'RFC 7303, 3', 'reads ISO-8859-1 as declared', (target) => {
		const transactionId = 'Zoë';
		const body = Buffer.from(xml({ transactionId }).replace('UTF-8', 'ISO-8859-1'), 'latin1');
		return accepts(target, { headers: { 'Content-Type': 'text/xml' }, body, transactionId });
	}),
	must('MM7-351', 'Sinch, delivery report statuses', 'accepts every MMStatus of Sinch', (target) =>
		accepts(target, ...SINCH_STATUSES.map((mmStatus) => report({ mmStatus }))),
	),
	should('MM7-352', TS_REPORT, 'accepts an unknown MMStatus', (target) =>
		accepts(target, report({ mmStatus: 'Teleported' })),
	),
	should('MM7-353', TS_REPORT, 'reads a report without Sender and Date', (target) =>
		accepts(target, report({ sender: null, date: null })),
	),
	should('MM7-354', 'Namespaces in XML 1.0', 'reads a report in no namespace', (target) =>
		accepts(target, report({ namespace: null })),
	),
	should('MM7-355', 'SOAP 1.2 part 1, 2.8', 'responds to SOAP 1.2 in SOAP 1.2', (target) =>
		responds(target, 'soapVersion', ['1.2', report({}, { soapVersion: '1.2' })]),
	),
	should(
		'MM7-356',
		TS_READ_REPLY,
		'responds with a ReadReplyRsp, or rejects read replies with 4003',
		async (target) => {
			const response = await target(readReplyRequest());
			if (parseResponse(response.body).fault) return expectRejection(response, 'Client', 4003);
			return expectEqual(expectAcceptance(response).operation, 'ReadReplyRsp', 'operation');
		},
	),

	// 4xx: requests that must be rejected
	must('MM7-401', TS_FAULT, 'rejects truncated XML with a Client fault', (target) =>
		rejects(target, xml().slice(0, -40), 'Client', 2007, 4004),
	),
	must('MM7-402', TS_FAULT, 'rejects text that is not XML with a Client fault', (target) =>
		rejects(target, 'hello', 'Client', 2007, 4004),
	),
	must('MM7-403', 'SOAP 1.1, 3', 'rejects a document type', (target) =>
		rejects(target, xml().replace('?>', '?><!DOCTYPE a [<!ENTITY b "c">]>'), 'Client', 2007, 4004),
	),
	must('MM7-404', TS_FAULT, 'rejects a missing TransactionID with Client.TransactionID', (target) =>
		rejects(target, xml({ transactionId: null }), 'Client.TransactionID'),
	),
	must('MM7-405', TS_STATUS, 'rejects an unknown operation with 4003', (target) =>
		rejects(target, unknownOperation(), 'Client', 4003),
	),
	must('MM7-406', 'SOAP 1.1, 4.1.2', 'rejects an unknown SOAP version with VersionMismatch', (target) =>
		rejects(target, xml().replace(SOAP_NAMESPACES['1.1'], 'urn:soap-of-the-future'), 'VersionMismatch'),
	),
	should('MM7-407', TS_STATUS, 'rejects a missing MessageID with 4004 in a DeliveryReportRsp', async (target) => {
		const { status, body } = await target(report({ messageId: null }));
		expectEqual(status, 200, 'HTTP status');
		const { operation, statusCode } = parseResponse(body);
		expectEqual(operation, 'DeliveryReportRsp', 'operation');
		expectEqual(statusCode, 4004, 'StatusCode');
	}),
	must('MM7-408', 'SOAP 1.1, 4.4', 'repeats the TransactionID in a fault about the operation', async (target) => {
		const transactionId = '0815';
		const response = await rejects(target, unknownOperation({ transactionId }), 'Client', 4003);
		expectEqual(response.transactionId, transactionId, 'TransactionID');
	}),
];

function must(id: string, clause: string, title: string, run: ConformanceCheck['run']): ConformanceCheck {
	return { id, clause, level: 'MUST', title, run };
}

function should(id: string, clause: string, title: string, run: ConformanceCheck['run']): ConformanceCheck {
	return { id, clause, level: 'SHOULD', title, run };
}

function xml(fields: DeliveryReportFields = {}): string {
	return report(fields).body as string;
}

function unknownOperation(fields?: DeliveryReportFields): string {
	return xml(fields).replaceAll('DeliveryReportReq', 'UnheardOfReq');
}

function plain(body: string): TargetRequest {
	return { headers: { 'Content-Type': 'text/xml; charset=utf-8' }, body };
}

type Part = readonly [contentType: string, contentId: string, content: string];

function multipart(...parts: readonly Part[]): { headers: Record<string, string>; body: string } {
	const written = parts.map(
		([contentType, contentId, content]) =>
			`--mm7-part\r\nContent-Type: ${contentType}\r\nContent-ID: ${contentId}\r\n\r\n${content}\r\n`,
	);
	return {
		headers: { 'Content-Type': 'multipart/related; boundary=mm7-part; type="text/xml"; start="<root>"' },
		body: `${written.join('')}--mm7-part--\r\n`,
	};
}

/** A request with a report; its TransactionID is that of the default report, unless it is given. */
type Report = TargetRequest & { readonly transactionId?: string };

/** Sends a report that must be accepted. */
async function accepted(target: Target, request: Report): Promise<Reply & Mm7Response> {
	const response = await target(request);
	return { ...response, ...expectAcceptance(response, request.transactionId) };
}

async function accepts(target: Target, ...requests: readonly Report[]): Promise<void> {
	for (const request of requests) await accepted(target, request);
}

/** Sends reports that must be accepted, each with the expected value in the response. */
async function responds<Name extends keyof Mm7Response>(
	target: Target,
	name: Name,
	...cases: readonly (readonly [expected: Mm7Response[Name], request: Report])[]
): Promise<void> {
	for (const [expected, request] of cases) expectEqual((await accepted(target, request))[name], expected, name);
}

async function rejects(target: Target, body: string, faultCode: string, ...statusCodes: readonly number[]) {
	return expectRejection(await target(plain(body)), faultCode, ...statusCodes);
}

/** The rule of Sinch, and the schema. */
function expectAcceptance({ status, body }: Reply, transactionId = '20260001'): Mm7Response {
	expectEqual(status, 200, 'HTTP status');
	const response = parseResponse(body);
	expectEqual(response.statusCode, 1000, 'StatusCode');
	expectEqual(response.transactionId, transactionId, 'TransactionID');
	expectEqual(responseProblems(body).join('; '), '', 'problems');
	return response;
}

function expectRejection({ body }: Reply, faultCode: string, ...statusCodes: readonly number[]): Mm7Response {
	const response = parseResponse(body);
	const { fault, operation, statusCode = 0 } = response;
	// SOAP 1.1, 4.4.1: each part after a dot is more specific
	const [general] = fault?.code?.split('.') ?? [];
	expectEqual(faultCode.includes('.') ? fault?.code : general, faultCode, 'faultcode');
	if (statusCodes.length === 0) expectEqual(operation, undefined, 'operation in the detail of a header fault');
	else if (!statusCodes.includes(statusCode)) throw new Error(`StatusCode is ${response.statusCode}`);
	expectEqual(responseProblems(body).join('; '), '', 'problems');
	return response;
}

function expectEqual<T>(actual: T, expected: T, what: string): void {
	if (actual !== expected) {
		throw new Error(`${what} is ${JSON.stringify(actual) ?? 'missing'}, not ${JSON.stringify(expected) ?? 'absent'}`);
	}
}
