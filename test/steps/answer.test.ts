import { expect } from 'chai';
import request from 'supertest';
import { type Mm7ErrorCode, Mm7Rejection, type Options } from '../../lib/index.js';
import { responseProblems } from '../../lib/provider/check/response-problems.js';
import { NAMESPACE, reportXml } from '../support/report.js';
import { readResponse } from '../support/response.js';
import { app, Connection, Exchanges, listen, post, stopServers } from '../support/server.js';

const BASE = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/';
const SOAP_11 = 'http://schemas.xmlsoap.org/soap/envelope/';
const SOAP_12 = 'http://www.w3.org/2003/05/soap-envelope';

interface Setting {
	readonly options?: Options;
	readonly handler?: (() => undefined) | undefined;
	readonly headers?: Readonly<Record<string, string>>;
}

async function responseTo(body: string, { options, handler, headers = {} }: Setting = {}) {
	const sending = request(app(handler, options)).post('/mm7').type('xml').set(headers).send(body);
	const { status, headers: sent, text } = await sending;
	return { status, type: sent['content-type'], length: sent['content-length'], text, read: readResponse(text) };
}

const fail = (error: Error) => () => {
	throw error;
};

describe('response', () => {
	afterEach(stopServers);

	describe('to a report', () => {
		for (const [release, mm7Version] of [
			['REL-5-MM7-1-0', '5.3.0'],
			['REL-6-MM7-6-7', '6.7.0'],
			['REL-6-MM7-1-0.xsd', '1.0'],
		] as const) {
			it(`repeats the namespace ${release} and the version ${mm7Version}`, async () => {
				const namespace = BASE + release;
				const { read } = await responseTo(reportXml({ namespace, elements: { MM7Version: mm7Version } }));
				expect(read).to.include({ transactionIdNamespace: namespace, namespace, mm7Version, statusCode: 1000 });
			});
		}

		it('uses the newest release if the request has no namespace, or one that a document cannot declare', async () => {
			for (const namespace of ['', 'http://www.w3.org/XML/1998/namespace', ' http://www.w3.org/2000/xmlns/ ']) {
				const { read } = await responseTo(reportXml({ namespace, elements: { MM7Version: undefined } }));
				expect(read).to.include({ transactionIdNamespace: NAMESPACE, namespace: NAMESPACE, mm7Version: '6.8.0' });
			}
		});

		const AXIS = { 'User-Agent': 'Axis/1.4' };
		const MUST_UNDERSTAND: Record<string, [expected: boolean, setting?: Setting, attribute?: string]> = {
			'if the request has it': [true],
			'if the request has it, to a stack that accepts it': [true, { headers: { 'User-Agent': 'Apache CXF 3.5.9' } }],
			'never to a stack that rejects it': [false, { headers: AXIS }],
			'never to a stack that rejects it, with "auto"': [
				false,
				{ headers: AXIS, options: { echoMustUnderstand: 'auto' } },
			],
			'to any stack if echoMustUnderstand is true': [true, { headers: AXIS, options: { echoMustUnderstand: true } }],
			'never if echoMustUnderstand is false': [false, { options: { echoMustUnderstand: false } }],
			'not if the request lacks it': [false, {}, ''],
			'not if the request has mustUnderstand="0"': [false, {}, 'env:mustUnderstand="0"'],
			'in a fault if the request has it': [true, { handler: fail(new Error('db')) }],
			'not in a fault if the request lacks it': [false, { handler: fail(new Error('db')) }, ''],
		};
		for (const [name, [expected, setting, attribute = 'env:mustUnderstand="1"']] of Object.entries(MUST_UNDERSTAND)) {
			it(`repeats mustUnderstand="1" ${name}`, async () => {
				const { text, read } = await responseTo(reportXml().replace('env:mustUnderstand="1"', attribute), setting);
				expect(text.includes('mustUnderstand')).to.equal(expected);
				expect(read).to.include({ mustUnderstand: expected, transactionId: '20260001' });
			});
		}

		it('puts the TransactionID in the namespace of the header, and the rest in that of the body', async () => {
			const header = `${BASE}REL-5-MM7-1-0`;
			const { read } = await responseTo(reportXml().replace('<TransactionID ', `<TransactionID xmlns="${header}" `));
			expect(read).to.include({ transactionIdNamespace: header, namespace: NAMESPACE });
		});

		for (const [namespace, soapVersion, contentType] of [
			[SOAP_12, '1.2', 'application/soap+xml; charset=utf-8'],
			['http://schemas.xmlsoap.org/soap/soap-envelope', '1.1', 'text/xml; charset=utf-8'],
		] as const) {
			it(`is in SOAP ${soapVersion} for ${namespace}`, async () => {
				const { status, read, type } = await responseTo(reportXml().replace(SOAP_11, namespace));
				expect({ status, type }).to.deep.equal({ status: 200, type: contentType });
				expect(read).to.include({ soapVersion, transactionId: '20260001', statusCode: 1000 });
			});
		}

		it('repeats any TransactionID unchanged', async () => {
			for (const transactionId of [
				'0007',
				'a&b<c>"d\'e',
				']]>',
				'Zoë 漢字 🙂',
				'a\nb\tc',
				'x'.repeat(5000),
				'--><!--',
			]) {
				const { read, length, text } = await responseTo(reportXml({ transactionId }));
				expect(read.transactionId).to.equal(transactionId);
				expect(Number(length)).to.equal(Buffer.byteLength(text));
			}
		});

		it('replaces characters that XML does not allow', async () => {
			const { read, text } = await responseTo(reportXml().replace('20260001', 'a&#1;b\u0008c&#xFFFE;d'));
			expect(read.transactionId).to.equal('a\ufffdb\ufffdc\ufffdd');
			for (const character of '\u0001\u0008\ufffe') expect(text).not.to.include(character);
		});

		it('contains nothing beyond the schema', async () => {
			const { text } = await responseTo(reportXml());
			expect(text).to.equal(
				'<?xml version="1.0" encoding="UTF-8"?>\n' +
					`<env:Envelope xmlns:env="${SOAP_11}"><env:Header>` +
					`<TransactionID xmlns="${NAMESPACE}" env:mustUnderstand="1">20260001</TransactionID></env:Header>` +
					`<env:Body><DeliveryReportRsp xmlns="${NAMESPACE}"><MM7Version>6.8.0</MM7Version>` +
					'<Status><StatusCode>1000</StatusCode><StatusText>Success</StatusText></Status>' +
					'</DeliveryReportRsp></env:Body></env:Envelope>',
			);
		});
	});

	const RESPONSE = { operation: 'DeliveryReportRsp' };
	const CLIENT = { faultCode: 'Client', operation: 'VASPErrorRsp' };
	const TRANSACTION_ID = { faultCode: 'Client.TransactionID', operation: undefined, transactionId: undefined };
	const missing = (element: string) => ({ ...RESPONSE, statusCode: 4004, details: `${element} is missing` });

	/** Requests of a provider and outcomes of a handler, each with the only correct response. */
	const SITUATIONS: Record<
		string,
		readonly [http: number, expected: Partial<ReturnType<typeof readResponse>>, body: string, handler?: () => undefined]
	> = {
		'an unknown MMStatus': [
			200,
			{ ...RESPONSE, statusCode: 1000 },
			reportXml({ elements: { MMStatus: 'Third:User Retrieved' } }),
		],
		'an unknown mandatory header': [
			200,
			{ ...RESPONSE, statusCode: 1000 },
			reportXml().replace('</env:Header>', '<s:Sec xmlns:s="urn:s" env:mustUnderstand="1"/></env:Header>'),
		],
		'a message unknown to the application': [
			200,
			{ ...RESPONSE, statusCode: 2005, details: undefined },
			reportXml(),
			fail(new Mm7Rejection(2005)),
		],
		'a missing MessageID': [200, missing('MessageID'), reportXml({ elements: { MessageID: undefined } })],
		'an empty MessageID': [200, missing('MessageID'), reportXml({ elements: { MessageID: ' ' } })],
		'a missing Recipient': [200, missing('Recipient'), reportXml({ elements: { Recipient: undefined } })],
		'a missing MMStatus': [200, missing('MMStatus'), reportXml({ elements: { MMStatus: undefined } })],
		'XML that ends early': [500, { ...CLIENT, statusCode: 4004, transactionId: '20260001' }, reportXml().slice(0, -30)],
		'XML with a document type': [
			500,
			{ ...CLIENT, statusCode: 4004, transactionId: '20260001' },
			reportXml().replace('?>', '?><!DOCTYPE x [<!ENTITY e "x">]>'),
		],
		'text that is not XML': [
			500,
			{ ...CLIENT, statusCode: 2007, transactionId: undefined, faultText: 'The body is neither XML nor readable MIME' },
			'hello',
		],
		'XML that is not SOAP': [
			500,
			{ ...CLIENT, statusCode: 4004, faultText: 'The XML is not a SOAP message: the root element is not Envelope' },
			'<html><body>It works!</body></html>',
		],
		'an envelope without an operation': [
			500,
			{ ...CLIENT, statusCode: 4004 },
			`<e:Envelope xmlns:e="${SOAP_11}"><e:Body/></e:Envelope>`,
		],
		'a missing TransactionID': [500, TRANSACTION_ID, reportXml({ transactionId: undefined })],
		'an empty TransactionID': [500, TRANSACTION_ID, reportXml({ transactionId: ' ' })],
		'another operation': [
			500,
			{ ...CLIENT, statusCode: 4003, transactionId: '20260001' },
			reportXml({ operation: 'ReadReplyReq' }),
		],
		'a fault instead of a report': [500, { ...CLIENT, statusCode: 4003 }, reportXml({ operation: 'Fault' })],
		'an unknown SOAP version': [
			500,
			{ faultCode: 'VersionMismatch', operation: undefined, transactionId: '20260001' },
			reportXml().replace(SOAP_11, 'urn:soap:9'),
		],
		'a temporary failure': [
			500,
			{ faultCode: 'Server', operation: 'VASPErrorRsp', statusCode: 4006 },
			reportXml(),
			fail(new Error('database is down')),
		],
	};

	for (const [name, [http, expected, body, handler]] of Object.entries(SITUATIONS)) {
		it(`follows the schema for ${name}, in SOAP 1.1 and 1.2`, async () => {
			const { status, read, type, text } = await responseTo(body, { handler });
			expect({ status, type }).to.deep.equal({ status: http, type: 'text/xml; charset=utf-8' });
			expect(read).to.deep.include(expected);
			expect(responseProblems(text)).to.deep.equal([]);
			const other = await responseTo(body.replaceAll(SOAP_11, SOAP_12), { handler });
			expect(other.status).to.equal(http);
			expect(other.read.statusCode).to.equal(expected.statusCode);
			expect(responseProblems(other.text)).to.deep.equal([]);
		});
	}

	it('uses the fault codes of SOAP 1.2 in SOAP 1.2', async () => {
		const faultFor = async (body: string) => (await responseTo(body.replace(SOAP_11, SOAP_12))).text;
		const other = await faultFor(reportXml({ operation: 'ReadReplyReq' }));
		expect(other).to.include('<env:Value>env:Sender</env:Value></env:Code>');
		const missingId = await faultFor(reportXml({ transactionId: undefined }));
		expect(missingId).to.match(/<env:Subcode><env:Value [^>]*>mm7:TransactionID</);
	});

	for (const [operation, response] of [
		['DeliverReq', 'DeliverRsp'],
		['deliverreq', 'deliverRsp'],
		['ReqDeliver', 'ReqDeliverRsp'],
		['x:DeliverReq', 'DeliverRsp'],
		['x:y:1-_DeliverReq', '_DeliverRsp'],
		['Deliver-2Req', 'Deliver-2Rsp'],
	] as const) {
		it(`is a ${response} to ${operation}`, async () => {
			const body = reportXml({ operation, namespace: `${NAMESPACE}" xmlns:x="${NAMESPACE}` });
			const { read } = await responseTo(body, { options: { otherOperations: () => undefined } });
			expect(read).to.include({ operation: response, statusCode: 1000 });
		});
	}

	it('stays small, however long the repeated values are', async () => {
		const long = '>'.repeat(240_000);
		for (const body of [
			reportXml({ namespace: long }),
			reportXml({ namespace: long, transactionId: undefined }),
			reportXml({ namespace: long, operation: 'OtherReq' }),
			reportXml().replace('<TransactionID', `<TransactionID xmlns="${long}"`),
			reportXml({ elements: { MM7Version: long } }),
			reportXml({ transactionId: '&'.repeat(40_000) }),
			reportXml({ operation: 'Other'.repeat(2000) }),
			reportXml({ transactionId: '&'.repeat(40_000) }).slice(0, -20),
		]) {
			const { length, read } = await responseTo(body);
			expect(Number(length)).to.be.below(5000);
			expect(read.transactionIdNamespace ?? NAMESPACE).to.equal(NAMESPACE);
		}
	});

	it('repeats namespaces of up to 512 characters and versions of up to 32', async () => {
		const [namespace, mm7Version] = ['n'.repeat(512), '6'.repeat(32)];
		const { read } = await responseTo(reportXml({ namespace, elements: { MM7Version: mm7Version } }));
		expect(read).to.include({ namespace, mm7Version });
		const longer = reportXml({ namespace: `${namespace}n`, elements: { MM7Version: `${mm7Version}6` } });
		expect((await responseTo(longer)).read).to.include({ namespace: NAMESPACE, mm7Version: '6.8.0' });
	});

	describe('in the SOAP version of the Content-Type, if the envelope has not been read', () => {
		const SOAP12 = { 'Content-Type': 'application/soap+xml; charset=utf-8; action=""' };
		const report = post(reportXml(), SOAP12);
		const report12 = reportXml().replace(SOAP_11, SOAP_12);
		const down = () => Promise.reject(new Error('down'));
		const zstd = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]);
		const REFUSED: readonly (readonly [code: Mm7ErrorCode, status: number, options: Options, bytes: Buffer])[] = [
			['ERR_MM7_METHOD_NOT_ALLOWED', 405, {}, Buffer.from(report.toString().replace('POST', 'PUT'))],
			['ERR_MM7_FORBIDDEN', 403, { allowFrom: '192.0.2.1' }, report],
			['ERR_MM7_UNAUTHORIZED', 401, { authenticate: () => false }, report],
			['ERR_MM7_ADMISSION_FAILED', 500, { authenticate: down }, report],
			['ERR_MM7_BODY_TOO_LARGE', 413, { limits: { body: 10 } }, report],
			['ERR_MM7_BODY_TIMEOUT', 408, { bodyTimeout: 20 }, post('<a', { ...SOAP12, 'Content-Length': '100' })],
			['ERR_MM7_BODY_ENCODING', 415, {}, post(zstd, { ...SOAP12, 'Content-Encoding': 'zstd' })],
			['ERR_MM7_BODY_EMPTY', 500, {}, post('', SOAP12)],
			['ERR_MM7_MIME', 500, {}, post('hello', SOAP12)],
			['ERR_MM7_SOAP_TOO_LARGE', 413, { limits: { soap: 10 } }, post(report12, SOAP12)],
			['ERR_MM7_XML', 500, {}, post(report12.slice(0, -20), SOAP12)],
			['ERR_MM7_NOT_SOAP', 500, {}, post('<a/>', SOAP12)],
			['ERR_MM7_SOAP_VERSION', 500, {}, post(reportXml().replace(SOAP_11, 'urn:soap:9'), SOAP12)],
		];
		for (const [code, status, options, bytes] of REFUSED) {
			it(`follows the schema for ${code}`, async () => {
				const exchanges = new Exchanges();
				const { port } = await listen(app(undefined, { ...options, onExchange: exchanges.add }));
				const [response] = await new Connection(port).write(bytes).responses();
				expect((await exchanges.number(1)).error?.code).to.equal(code);
				expect(response?.status).to.equal(status);
				expect(response?.headers['content-type']).to.equal('application/soap+xml; charset=utf-8');
				expect(readResponse(response?.body ?? '').soapVersion).to.equal('1.2');
				expect(responseProblems(response?.body ?? '')).to.deep.equal([]);
				expect(response?.body).not.to.include('127.0.0.1');
			});
		}

		it('uses the SOAP version of the envelope once it has been read', async () => {
			const other = reportXml({ operation: 'UnheardOfReq' });
			for (const [body, contentType, version] of [
				[other, 'application/soap+xml', '1.1'],
				[other.replace(SOAP_11, SOAP_12), 'text/xml', '1.2'],
			] as const) {
				const { read } = await responseTo(body, { headers: { 'Content-Type': contentType } });
				expect(read.soapVersion).to.equal(version);
			}
		});
	});

	describe('to an unreadable request', () => {
		const release = `${BASE}REL-5-MM7-1-2`;
		const sent = reportXml({ namespace: release }).replace(SOAP_11, SOAP_12);
		for (const [name, body, status, statusCode] of [
			['XML that ends early', sent.slice(0, -30), 500, 4004],
			['a missing end tag', sent.replace('</DeliveryReportReq>', ''), 500, 4004],
			['a damaged tag', sent.replace('<MMStatus>', '<MMStatus <'), 500, 4004],
			['a second root element', `${sent}<second/>`, 500, 4004],
			['a document type', sent.replace('?>', '?><!DOCTYPE x>'), 500, 4004],
			['a Body without an operation', sent.replace(/<env:Body>.*<\/env:Body>/, '<env:Body/>'), 500, 4004],
			['too many elements', sent.replace('<MMStatus>', `${'<x/>'.repeat(600)}<MMStatus>`), 500, 4004],
			['too many levels', sent.replace('<MMStatus>', `${'<x>'.repeat(40)}${'</x>'.repeat(40)}<MMStatus>`), 500, 4004],
			['a SOAP part over the limit', sent.padEnd(300_000), 413, 2007],
		] as const) {
			it(`repeats the SOAP version, the namespace and the TransactionID: ${name}`, async () => {
				const response = await responseTo(body);
				expect(response.status).to.equal(status);
				expect(response.read).to.include({
					soapVersion: '1.2',
					transactionId: '20260001',
					transactionIdNamespace: release,
					statusCode,
				});
			});
		}

		it('repeats the namespace of the header if that differs from the body', async () => {
			const namespace = 'urn:mm7-of-ours';
			const body = sent.replace('<TransactionID', `<TransactionID xmlns="${namespace}"`).replace(/<Del.*Req>/, '');
			expect((await responseTo(body)).read).to.include({ soapVersion: '1.2', transactionIdNamespace: namespace });
		});
	});

	describe('with clientFaultStatus', () => {
		for (const [name, body] of [
			['unreadable XML', '<a>'],
			['a missing TransactionID', reportXml({ transactionId: undefined })],
			['another operation', reportXml({ operation: 'DeliverReq' })],
		] as const) {
			it(`uses that HTTP status for ${name}`, async () => {
				for (const clientFaultStatus of [200, 400]) {
					expect((await responseTo(body, { options: { clientFaultStatus } })).status).to.equal(clientFaultStatus);
				}
			});
		}

		for (const [name, status, setting] of [
			['a failure of the receiver', 500, { handler: fail(new Error('db')) }],
			['a body over the limit', 413, { options: { limits: { body: 10 } } }],
			['a SOAP part over the limit', 413, { options: { limits: { soap: 10 } } }],
		] as const) {
			it(`still uses the HTTP status ${status} for ${name}`, async () => {
				const options = { ...('options' in setting && setting.options), clientFaultStatus: 200 } as const;
				expect((await responseTo(reportXml(), { ...setting, options })).status).to.equal(status);
			});
		}
	});
});
