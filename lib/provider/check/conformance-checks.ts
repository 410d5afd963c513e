import { parseHeaderValue } from '../../mime/header-value.js';
import { MM7_NAMESPACE_BASE } from '../../mm7/namespaces.js';
import { SOAP_NAMESPACES } from '../../soap/soap-version.js';
import {
	type DeliveryReportFields,
	deliveryReportRequest,
	type RequestOptions,
	readReplyRequest,
} from '../testing/index.js';
import { type Mm7Answer, parseAnswer } from '../testing/parse-answer.js';
import { answerProblems } from './answer-problems.js';
import type { Target, TargetAnswer, TargetRequest } from './target.js';

/** One thing that a receiver of delivery reports has to do. */
export interface ConformanceCheck {
	/** Stable number, `MM7-101`. */
	readonly id: string;
	/** The clause that asks for it. */
	readonly clause: string;
	/** MUST where the clause leaves no choice; SHOULD where providers or the robustness of the service ask for it. */
	readonly level: 'MUST' | 'SHOULD';
	/** What the receiver does, as a sentence. */
	readonly title: string;
	/** Resolves where the receiver does it, rejects with the reason where it does not. */
	readonly run: (target: Target) => Promise<void>;
}

const TS_SOAP = '3GPP TS 23.140, 8.7.1';
const TS_REPORT = '3GPP TS 23.140, 8.7.1.4';
const TS_READ_REPLY = '3GPP TS 23.140, 8.7.1.5';
const TS_STATUS = '3GPP TS 23.140, 8.7.8.2';
const TS_FAULT = '3GPP TS 23.140, 8.7.8.1';
const SOAP_FAULT = 'SOAP 1.1, 4.4';
const SOAP_HEADER = 'SOAP 1.1, 4.2.3';
const FORM_CLAUSES = { xml: TS_SOAP, multipart: 'RFC 2387', bare: 'Sinch, request example' } as const;

/** The TransactionID of the kit's default report. */
const DEFAULT_ID = '20260001';

/** All checks, in the order of their numbers. The receiver has to accept every report that it can read. */
export const conformanceChecks: readonly ConformanceCheck[] = [
	// 1xx: HTTP
	check('MM7-101', 'RFC 9110, 15.5.6', 'MUST', 'answers GET with 405 and Allow: POST', async (target) => {
		const { status, headers } = await target.send({ method: 'GET' });
		expectEqual(status, 405, 'HTTP status');
		expectTrue(/\bPOST\b/.test(headers.allow ?? ''), `Allow is ${headers.allow}`);
	}),
	check('MM7-102', 'SOAP 1.1, 6.2', 'MUST', 'answers an accepted report with HTTP 200', async (target) => {
		await accepted(target, deliveryReportRequest());
	}),
	check('MM7-103', 'SOAP 1.1, 6', 'MUST', 'answers as text/xml in UTF-8', async (target) => {
		const { headers } = await accepted(target, deliveryReportRequest());
		const { value, parameters } = parseHeaderValue(headers['content-type']);
		expectEqual(value, 'text/xml', 'media type');
		// without a charset the XML declaration decides, and else XML is UTF-8 (RFC 7303, section 3)
		expectEqual(parameters['charset']?.toLowerCase() ?? 'utf-8', 'utf-8', 'charset');
	}),
	check('MM7-104', 'Sinch, response example', 'SHOULD', 'answers with a true Content-Length', async (target) => {
		const { headers, body } = await accepted(target, deliveryReportRequest());
		expectEqual(headers['content-length'], String(Buffer.byteLength(body)), 'Content-Length');
	}),
	check('MM7-105', 'SOAP 1.1, 6.1.1', 'MUST', 'does not dispatch on SOAPAction', async (target) => {
		const { headers, body } = deliveryReportRequest();
		const { SOAPAction: _, ...without } = headers;
		await accepted(target, { headers: without, body });
		await accepted(target, { headers: { ...headers, SOAPAction: '""' }, body });
		await accepted(target, { headers: { ...headers, SOAPAction: '"urn:something-else"' }, body });
	}),
	check('MM7-106', 'RFC 9110, 15.5.14', 'SHOULD', 'answers an announced 100 MB with 413 at once', async (target) => {
		const { headers } = deliveryReportRequest();
		const { status } = await target.send({ headers: { ...headers, 'Content-Length': String(100 * 1024 * 1024) } });
		expectEqual(status, 413, 'HTTP status');
	}),

	// 2xx: the answer to an accepted report
	check('MM7-201', TS_REPORT, 'MUST', 'answers with a DeliveryReportRsp by the schema', async (target) => {
		const { body } = await accepted(target, deliveryReportRequest());
		expectEqual(answerProblems(body).join('; '), '', 'problems');
		expectEqual(parseAnswer(body).operation, 'DeliveryReportRsp', 'operation');
	}),
	check('MM7-202', TS_SOAP, 'MUST', 'repeats the TransactionID, also one that has to be escaped', async (target) => {
		for (const transactionId of ['0007', 'a&b<c>"d\'e', '漢字']) {
			await accepted(target, deliveryReportRequest({ transactionId }), transactionId);
		}
	}),
	check('MM7-203', TS_SOAP, 'MUST', 'repeats the namespace of the request', async (target) => {
		for (const release of ['REL-5-MM7-1-0', 'REL-5-MM7-1-2', 'REL-5-MM7-1-5', 'REL-6-MM7-1-0', 'REL-6-MM7-1-4']) {
			const namespace = MM7_NAMESPACE_BASE + release;
			expectEqual((await read(target, { namespace })).namespace, namespace, 'namespace');
		}
	}),
	check('MM7-204', TS_SOAP, 'MUST', 'repeats the MM7Version of the request', async (target) => {
		for (const mm7Version of ['5.3.0', '5.10.0', '6.5.0', '6.8.0']) {
			expectEqual((await read(target, { mm7Version })).mm7Version, mm7Version, 'MM7Version');
		}
	}),
	check('MM7-205', TS_STATUS, 'MUST', 'gives StatusCode 1000 a StatusText', async (target) => {
		expectTrue((await read(target, {})).statusText, 'StatusText is missing');
	}),
	check('MM7-206', TS_SOAP, 'SHOULD', 'answers the TransactionID in its own namespace', async (target) => {
		const namespace = `${MM7_NAMESPACE_BASE}REL-5-MM7-1-0`;
		const body = xml().replace('<TransactionID ', `<TransactionID xmlns="${namespace}" `);
		const answer = await accepted(target, { headers: { 'Content-Type': 'text/xml; charset=utf-8' }, body });
		expectEqual(parseAnswer(answer.body).transactionIdNamespace, namespace, 'namespace of the TransactionID');
	}),
	check('MM7-207', SOAP_HEADER, 'SHOULD', 'demands nothing of a sender that demanded nothing', async (target) => {
		for (const attribute of ['', 'soap-env:mustUnderstand="0"']) {
			const body = xml().replace('soap-env:mustUnderstand="1"', attribute);
			const answer = await accepted(target, { headers: { 'Content-Type': 'text/xml; charset=utf-8' }, body });
			expectEqual(parseAnswer(answer.body).mustUnderstand, false, 'mustUnderstand of the TransactionID');
		}
	}),

	// 3xx: requests that have to be read
	...(['xml', 'multipart', 'bare'] as const).flatMap((form, index) =>
		(['5.3.0', '6.8.0'] as const).map((version, release) =>
			check(`MM7-3${index}${release + 1}`, FORM_CLAUSES[form], 'MUST', `reads ${form}, ${version}`, async (target) => {
				await read(target, {}, { form, version });
			}),
		),
	),
	check(
		'MM7-331',
		'RFC 2387, 3.2',
		'MUST',
		'finds the root part that start names behind another part',
		async (target) => {
			await accepted(target, multipart(['image/png', '<image>', 'no picture'], ['text/xml', '<root>', xml()]));
		},
	),
	check('MM7-332', 'RFC 2045, 6.8', 'MUST', 'reads a root part in base64', async (target) => {
		const base64 = Buffer.from(xml()).toString('base64');
		await accepted(target, multipart(['text/xml\r\nContent-Transfer-Encoding: base64', '<root>', base64]));
	}),
	check('MM7-333', 'RFC 2046, 5.1.1', 'SHOULD', 'reads multipart with bare line feeds', async (target) => {
		const { headers, body } = multipart(['text/xml', '<root>', xml()]);
		await accepted(target, { headers, body: body.replaceAll('\r\n', '\n') });
	}),
	check('MM7-341', 'XML 1.0, 4.3.3', 'MUST', 'reads UTF-16 with a byte order mark', async (target) => {
		const body = Buffer.from(`\ufeff${xml().replace('UTF-8', 'UTF-16')}`, 'utf16le');
		await accepted(target, { headers: { 'Content-Type': 'text/xml; charset=utf-16' }, body });
	}),
	check('MM7-342', 'RFC 7303, 3', 'SHOULD', 'reads ISO-8859-1 as its declaration says', async (target) => {
		const body = Buffer.from(xml({ transactionId: 'Zoë' }).replace('UTF-8', 'ISO-8859-1'), 'latin1');
		await accepted(target, { headers: { 'Content-Type': 'text/xml' }, body }, 'Zoë');
	}),
	check('MM7-351', 'Sinch, delivery report statuses', 'MUST', 'accepts the statuses of Sinch', async (target) => {
		const statuses = ['Deferred', 'Expired', 'Forwarded', 'Indeterminate', 'NotSupported', 'Rejected', 'Retrieved'];
		for (const mmStatus of [...statuses, 'Unreachable', 'Unrecognized']) await read(target, { mmStatus });
	}),
	check('MM7-352', TS_REPORT, 'SHOULD', 'accepts a status that it does not know', async (target) => {
		await read(target, { mmStatus: 'Teleported' });
	}),
	check('MM7-353', TS_REPORT, 'SHOULD', 'reads a report without Sender and Date', async (target) => {
		await read(target, { sender: null, date: null });
	}),
	check('MM7-354', 'Namespaces in XML 1.0', 'SHOULD', 'reads a report in no namespace', async (target) => {
		await read(target, { namespace: null });
	}),
	check('MM7-355', 'SOAP 1.2 part 1, 2.8', 'SHOULD', 'answers SOAP 1.2 in SOAP 1.2', async (target) => {
		expectEqual((await read(target, {}, { soapVersion: '1.2' })).soapVersion, '1.2', 'version of SOAP');
	}),
	check('MM7-356', TS_READ_REPLY, 'SHOULD', 'answers a read reply as one, or refuses it with 4003', async (target) => {
		const answer = await target.send(readReplyRequest());
		if (parseAnswer(answer.body).fault) return void expectRefusal(answer, 'Client', 4003);
		expectAcceptance(answer, DEFAULT_ID);
		expectEqual(parseAnswer(answer.body).operation, 'ReadReplyRsp', 'operation');
	}),

	// 4xx: requests that have to be refused
	check('MM7-401', TS_FAULT, 'MUST', 'answers XML that ends early with a fault of the client', async (target) => {
		await refused(target, xml().slice(0, -40), 'Client', 2007, 4004);
	}),
	check('MM7-402', TS_FAULT, 'MUST', 'answers what is no XML with a fault of the client', async (target) => {
		await refused(target, 'hello', 'Client', 2007, 4004);
	}),
	check('MM7-403', 'SOAP 1.1, 3', 'MUST', 'refuses a document type', async (target) => {
		await refused(target, xml().replace('?>', '?><!DOCTYPE a [<!ENTITY b "c">]>'), 'Client', 2007, 4004);
	}),
	check('MM7-404', TS_FAULT, 'MUST', 'answers a missing TransactionID with Client.TransactionID', async (target) => {
		await refused(target, xml({ transactionId: null }), 'Client.TransactionID');
	}),
	check('MM7-405', TS_STATUS, 'MUST', 'answers an operation that it does not know with 4003', async (target) => {
		await refused(target, xml().replaceAll('DeliveryReportReq', 'UnheardOfReq'), 'Client', 4003);
	}),
	check(
		'MM7-406',
		'SOAP 1.1, 4.1.2',
		'MUST',
		'answers an unknown version of SOAP with VersionMismatch',
		async (target) => {
			await refused(target, xml().replace(SOAP_NAMESPACES['1.1'], 'urn:soap-of-the-future'), 'VersionMismatch');
		},
	),
	check(
		'MM7-407',
		TS_STATUS,
		'SHOULD',
		'answers a missing MessageID with 4004 in a DeliveryReportRsp',
		async (target) => {
			const answer = await target.send(deliveryReportRequest({ messageId: null }));
			expectEqual(answer.status, 200, 'HTTP status');
			const { operation, statusCode } = parseAnswer(answer.body);
			expectEqual(operation, 'DeliveryReportRsp', 'operation');
			expectEqual(statusCode, 4004, 'StatusCode');
		},
	),
	check('MM7-408', SOAP_FAULT, 'MUST', 'names the TransactionID in a fault about the operation', async (target) => {
		const body = xml({ transactionId: '0815' }).replaceAll('DeliveryReportReq', 'UnheardOfReq');
		const answer = await refused(target, body, 'Client', 4003);
		expectEqual(answer.transactionId, '0815', 'TransactionID');
	}),
];

function check(
	id: string,
	clause: string,
	level: ConformanceCheck['level'],
	title: string,
	run: ConformanceCheck['run'],
): ConformanceCheck {
	return { id, clause, level, title, run };
}

function xml(fields: DeliveryReportFields = {}): string {
	return deliveryReportRequest(fields).body as string;
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

/** Sends a report that has to be accepted, and reads the answer. */
async function read(target: Target, fields: DeliveryReportFields, options?: RequestOptions): Promise<Mm7Answer> {
	const { body } = await accepted(target, deliveryReportRequest(fields, options));
	return parseAnswer(body);
}

/** Sends a report that has to be accepted. */
async function accepted(target: Target, request: TargetRequest, transactionId = DEFAULT_ID): Promise<TargetAnswer> {
	const answer = await target.send(request);
	expectAcceptance(answer, transactionId);
	return answer;
}

/** The rule of Sinch, and the schema. */
function expectAcceptance({ status, body }: TargetAnswer, transactionId: string): void {
	expectEqual(status, 200, 'HTTP status');
	const { statusCode, transactionId: repeated } = parseAnswer(body);
	expectEqual(statusCode, 1000, 'StatusCode');
	expectEqual(repeated, transactionId, 'TransactionID');
	expectEqual(answerProblems(body).join('; '), '', 'problems');
}

/** Sends a request that has to be refused, and reads the answer. */
async function refused(
	target: Target,
	body: string,
	faultCode: string,
	...statusCodes: readonly number[]
): Promise<Mm7Answer> {
	const answer = await target.send({ headers: { 'Content-Type': 'text/xml; charset=utf-8' }, body });
	return expectRefusal(answer, faultCode, ...statusCodes);
}

function expectRefusal({ body }: TargetAnswer, faultCode: string, ...statusCodes: readonly number[]): Mm7Answer {
	const read = parseAnswer(body);
	// SOAP 1.1, 4.4.1: what follows the first dot is more specific
	const [general] = read.fault?.code?.split('.') ?? [];
	expectEqual(faultCode.includes('.') ? read.fault?.code : general, faultCode, 'faultcode');
	if (statusCodes.length === 0) expectEqual(read.operation, undefined, 'operation in the detail of a header fault');
	else expectTrue(statusCodes.includes(read.statusCode ?? 0), `StatusCode is ${read.statusCode}`);
	expectEqual(answerProblems(body).join('; '), '', 'problems');
	return read;
}

function expectEqual<T>(actual: T, expected: T, what: string): void {
	if (actual !== expected) {
		throw new Error(`${what} is ${JSON.stringify(actual) ?? 'missing'}, not ${JSON.stringify(expected) ?? 'absent'}`);
	}
}

function expectTrue(condition: unknown, problem: string | undefined): void {
	if (!condition) throw new Error(problem);
}
