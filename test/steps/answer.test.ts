import { expect } from 'chai';
import request from 'supertest';
import { type Mm7ErrorCode, Mm7Rejection, type Options } from '../../lib/index.js';
import { answerProblems } from '../../lib/provider/check/answer-problems.js';
import { readAnswer } from '../support/answer.js';
import { NAMESPACE, type ReportElements, reportXml } from '../support/report.js';
import { app, Connection, Exchanges, listen, post, stopServers } from '../support/server.js';

const BASE = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/';
const SOAP_11 = 'http://schemas.xmlsoap.org/soap/envelope/';
const SOAP_12 = 'http://www.w3.org/2003/05/soap-envelope';

async function answerTo(body: string, options: Options = {}, handler: () => undefined = () => undefined) {
	const { status, headers, text } = await request(app(handler, options)).post('/mm7').type('xml').send(body);
	return { status, type: headers['content-type'], length: headers['content-length'], text, read: readAnswer(text) };
}

const reject = (code: number, details?: string) => () => {
	throw new Mm7Rejection(code, details);
};

describe('answer', () => {
	describe('to a report', () => {
		for (const [release, version] of [
			['REL-5-MM7-1-0', '5.3.0'],
			['REL-5-MM7-1-2', '5.5.0'],
			['REL-5-MM7-1-5', '5.10.0'],
			['REL-6-MM7-1-0', '6.3.0'],
			['REL-6-MM7-1-4', '6.8.0'],
			['REL-6-MM7-6-7', '6.7.0'],
			['REL-6-MM7-1-0.xsd', '1.0'],
		] as const) {
			it(`repeats the namespace ${release} and the version ${version}`, async () => {
				const xml = reportXml({ namespace: BASE + release, elements: { MM7Version: version } });
				const { read } = await answerTo(xml);
				expect(read).to.include({
					soapVersion: '1.1',
					transactionIdNamespace: BASE + release,
					namespace: BASE + release,
					mm7Version: version,
					statusCode: 1000,
				});
			});
		}

		it('says the newest release where the request named none', async () => {
			const { read } = await answerTo(reportXml({ namespace: '', elements: { MM7Version: undefined } }));
			expect(read).to.include({ transactionIdNamespace: NAMESPACE, namespace: NAMESPACE, mm7Version: '6.8.0' });
		});

		it('says the newest release in place of a namespace that no document may declare', async () => {
			for (const namespace of ['http://www.w3.org/XML/1998/namespace', ' http://www.w3.org/2000/xmlns/ ']) {
				const { read } = await answerTo(reportXml({ namespace }));
				expect(read).to.include({ transactionIdNamespace: NAMESPACE, namespace: NAMESPACE, statusCode: 1000 });
			}
		});

		describe('and its mustUnderstand', () => {
			const asked = (attribute: string) => reportXml().replace('env:mustUnderstand="1"', attribute);
			for (const [attribute, expected] of [
				['env:mustUnderstand="1"', true],
				['env:mustUnderstand="true"', true],
				['env:mustUnderstand="0"', false],
				['', false],
			] as const) {
				it(`is ${expected ? '' : 'not '}said back for <TransactionID ${attribute}>`, async () => {
					const { text } = await answerTo(asked(attribute));
					expect(text.includes('env:mustUnderstand="1"')).to.equal(expected);
					expect(text.includes('mustUnderstand')).to.equal(expected);
				});
			}

			it('is left out always where echoMustUnderstand is false', async () => {
				const { text, read } = await answerTo(reportXml(), { echoMustUnderstand: false });
				expect(text).not.to.include('mustUnderstand');
				expect(read.transactionId).to.equal('20260001');
			});

			/** With User-Agents as these stacks really send them. */
			for (const [userAgent, expected] of [
				['Axis/1.4', false],
				['Axis/1.2RC1', false],
				['Axis2', false],
				['JAX-WS RI 2.2.4-b01', false],
				['JAX-WS RI 2.2.9-b130926.1035 svn-revision#5f6196f2b90e9460065a4c2f4e30e065b245e51e', false],
				['JAX-WS RI 2.2-hudson-752-', false],
				['Metro/2.1 (branches/2.1-6728; 2011-02-03T14:14:58+0000) JAXWS-RI/2.2.3 JAXWS/2.2', false],
				['Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol 2.0.50727.1433)', false],
				['Mono Web Services Client Protocol 4.0.50524.0', false],
				['Apache-HttpClient/4.5.13 (Axis2)', false],
				['Axis2C/1.7.0', true],
				['Praxis/1.0', true],
				['AxisCamera/2.1', true],
				['X-Axis2', true],
				['Axis2-Monitor/1.0', true],
				['Metro/2.4.0', true],
				['Metro', true],
				['Apache CXF 3.5.9', true],
				['Apache-HttpClient/4.5.13 (Java/1.8.0_181)', true],
				['PHP-SOAP/8.2.7', true],
				['Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)', true],
				['Web Services Client', true],
				['', true],
			] as const) {
				it(`is ${expected ? '' : 'not '}said back to the User-Agent ${JSON.stringify(userAgent)}`, async () => {
					const said = async (options: Options) => {
						const send = request(app(undefined, options)).post('/mm7').type('xml').set('User-Agent', userAgent);
						return (await send.send(reportXml())).text.includes('mustUnderstand');
					};
					expect(await said({})).to.equal(expected);
					expect(await said({ echoMustUnderstand: 'auto' })).to.equal(expected);
					expect(await said({ echoMustUnderstand: true })).to.equal(true);
					expect(await said({ echoMustUnderstand: false })).to.equal(false);
				});
			}

			it('is left out of a fault too', async () => {
				const fail = () => {
					throw new Error('db');
				};
				expect((await answerTo(asked(''), {}, fail)).text).not.to.include('mustUnderstand');
			});
		});

		it('answers the TransactionID in the namespace of the header, the rest in that of the body', async () => {
			const header = `${BASE}REL-5-MM7-1-0`;
			const xml = reportXml().replace('<TransactionID ', `<TransactionID xmlns="${header}" `);
			const { read } = await answerTo(xml);
			expect(read).to.include({ transactionIdNamespace: header, namespace: NAMESPACE });
		});

		it('is in SOAP 1.2 for a request in SOAP 1.2', async () => {
			const { read, type, status } = await answerTo(reportXml().replace(SOAP_11, SOAP_12));
			expect(status).to.equal(200);
			expect(type).to.equal('application/soap+xml; charset=utf-8');
			expect(read).to.include({ soapVersion: '1.2', transactionId: '20260001', statusCode: 1000 });
		});

		it('is in SOAP 1.1 for the misprinted namespace of early MM7 specifications', async () => {
			const early = 'http://schemas.xmlsoap.org/soap/soap-envelope';
			const { read, type } = await answerTo(reportXml().replace(SOAP_11, early));
			expect(type).to.equal('text/xml; charset=utf-8');
			expect(read).to.include({ soapVersion: '1.1', statusCode: 1000 });
		});

		for (const transactionId of [
			'0007',
			'a&b<c>"d\'e',
			']]>',
			'Zoë 漢字 🙂',
			'two\nlines\tand a tab',
			'x'.repeat(5000),
			'--><!--',
		]) {
			it(`repeats the TransactionID ${JSON.stringify(transactionId.slice(0, 30))} unchanged`, async () => {
				const { read, length, text } = await answerTo(reportXml({ transactionId }));
				expect(read.transactionId).to.equal(transactionId);
				expect(Number(length)).to.equal(Buffer.byteLength(text));
			});
		}

		it('replaces what XML cannot hold, so that it stays well-formed', async () => {
			const xml = reportXml().replace('20260001', 'a&#1;b\u0008c&#xFFFE;d');
			const { read, text } = await answerTo(xml);
			expect(read.transactionId).to.equal('a\ufffdb\ufffdc\ufffdd');
			for (const character of '\u0001\u0008\ufffe') expect(text).not.to.include(character);
		});

		it('has the TransactionID marked as to be understood, and nothing beyond the schema', async () => {
			const { text } = await answerTo(reportXml());
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

	/** The situations of a receiver, each with the one right answer. */
	const SITUATIONS: Record<
		string,
		{
			request: string;
			options?: Options;
			handler?: () => undefined;
			http: number;
			expected: Partial<ReturnType<typeof readAnswer>>;
		}
	> = {
		'an unknown MMStatus word': {
			request: reportXml({ elements: { MMStatus: 'Third:User Retrieved' } }),
			http: 200,
			expected: { operation: 'DeliveryReportRsp', statusCode: 1000 },
		},
		'a message id unknown to the application': {
			request: reportXml(),
			handler: reject(2005),
			http: 200,
			expected: { operation: 'DeliveryReportRsp', statusCode: 2005, details: undefined },
		},
		'a missing MessageID': {
			request: reportXml({ elements: { MessageID: undefined } }),
			http: 200,
			expected: { operation: 'DeliveryReportRsp', statusCode: 4004, details: 'MessageID is missing' },
		},
		'an empty MessageID': {
			request: reportXml({ elements: { MessageID: ' ' } }),
			http: 200,
			expected: { operation: 'DeliveryReportRsp', statusCode: 4004, details: 'MessageID is missing' },
		},
		'a missing Recipient': {
			request: reportXml({ elements: { Recipient: undefined } }),
			http: 200,
			expected: { operation: 'DeliveryReportRsp', statusCode: 4004, details: 'Recipient is missing' },
		},
		'a missing MMStatus': {
			request: reportXml({ elements: { MMStatus: undefined } }),
			http: 200,
			expected: { operation: 'DeliveryReportRsp', statusCode: 4004, details: 'MMStatus is missing' },
		},
		'XML that ends early': {
			request: reportXml().slice(0, -30),
			http: 500,
			expected: { faultCode: 'Client', operation: 'VASPErrorRsp', statusCode: 4004, transactionId: '20260001' },
		},
		'XML with a document type': {
			request: reportXml().replace('?>', '?><!DOCTYPE x [<!ENTITY e "x">]>'),
			http: 500,
			expected: { faultCode: 'Client', operation: 'VASPErrorRsp', statusCode: 4004, transactionId: '20260001' },
		},
		'no XML at all': {
			request: 'hello',
			http: 500,
			expected: { faultCode: 'Client', operation: 'VASPErrorRsp', statusCode: 2007, transactionId: undefined },
		},
		'XML that is no SOAP': {
			request: '<html><body>It works!</body></html>',
			http: 500,
			expected: { faultCode: 'Client', operation: 'VASPErrorRsp', statusCode: 4004 },
		},
		'an envelope without operation': {
			request: `<e:Envelope xmlns:e="${SOAP_11}"><e:Body/></e:Envelope>`,
			http: 500,
			expected: { faultCode: 'Client', operation: 'VASPErrorRsp', statusCode: 4004 },
		},
		'a missing TransactionID': {
			request: reportXml({ transactionId: undefined }),
			http: 500,
			expected: { faultCode: 'Client.TransactionID', operation: undefined, transactionId: undefined },
		},
		'an empty TransactionID': {
			request: reportXml({ transactionId: ' ' }),
			http: 500,
			expected: { faultCode: 'Client.TransactionID', operation: undefined, transactionId: undefined },
		},
		'another operation': {
			request: reportXml({ operation: 'ReadReplyReq' }),
			http: 500,
			expected: { faultCode: 'Client', operation: 'VASPErrorRsp', statusCode: 4003, transactionId: '20260001' },
		},
		'a fault in place of a report': {
			request: reportXml({ operation: 'Fault' }),
			http: 500,
			expected: { faultCode: 'Client', operation: 'VASPErrorRsp', statusCode: 4003 },
		},
		'an unknown version of SOAP': {
			request: reportXml().replace(SOAP_11, 'urn:soap:9'),
			http: 500,
			expected: { faultCode: 'VersionMismatch', operation: undefined, transactionId: '20260001' },
		},
		'an unknown mandatory header': {
			request: reportXml().replace('</env:Header>', '<s:Sec xmlns:s="urn:s" env:mustUnderstand="1"/></env:Header>'),
			http: 200,
			expected: { operation: 'DeliveryReportRsp', statusCode: 1000 },
		},
		'temporary trouble': {
			request: reportXml(),
			handler: () => {
				throw new Error('database is down');
			},
			http: 500,
			expected: { faultCode: 'Server', operation: 'VASPErrorRsp', statusCode: 4006 },
		},
	};

	describe('to each situation', () => {
		for (const [name, { request: body, options, handler, http, expected }] of Object.entries(SITUATIONS)) {
			it(`answers ${name}`, async () => {
				const { status, read, type } = await answerTo(body, options, handler);
				expect(status).to.equal(http);
				expect(type).to.equal('text/xml; charset=utf-8');
				expect(read).to.deep.include(expected);
			});

			it(`answers ${name} by the schema`, async () => {
				const { text } = await answerTo(body, options, handler);
				expect(answerProblems(text)).to.deep.equal([]);
			});

			it(`answers ${name} in SOAP 1.2 as well`, async () => {
				const { status, read, text } = await answerTo(body.replaceAll(SOAP_11, SOAP_12), options, handler);
				expect(status).to.equal(http);
				expect(read.statusCode).to.equal(expected.statusCode);
				expect(answerProblems(text)).to.deep.equal([]);
			});
		}

		it('names the faults of SOAP 1.2 as SOAP 1.2 does', async () => {
			const fault = async (report: ReportElements) =>
				(await answerTo(reportXml(report).replace(SOAP_11, SOAP_12))).text;
			expect(await fault({ operation: 'ReadReplyReq' })).to.include('<env:Value>env:Sender</env:Value>');
			expect(await fault({ transactionId: undefined })).to.match(/<env:Subcode><env:Value [^>]*>mm7:TransactionID</);
		});
	});

	it('is small, whatever a request of 250 kB repeats', async () => {
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
			const { length, read } = await answerTo(body);
			expect(Number(length)).to.be.below(5000);
			expect(read.transactionIdNamespace ?? NAMESPACE).to.equal(NAMESPACE);
		}
	});

	describe('in SOAP 1.2, to a request of which nothing was parsed', () => {
		afterEach(stopServers);

		const SOAP12 = { 'Content-Type': 'application/soap+xml; charset=utf-8; action=""' };
		/** The request that is refused, by its options, headers and body. */
		const REFUSED: Record<string, [code: Mm7ErrorCode, status: number, options: Options, bytes: Buffer]> = {
			'a method that is not POST': [
				'ERR_MM7_METHOD_NOT_ALLOWED',
				405,
				{},
				Buffer.from(post(reportXml(), SOAP12).toString().replace('POST', 'PUT')),
			],
			'an address that is not allowed': [
				'ERR_MM7_FORBIDDEN',
				403,
				{ allowFrom: '192.0.2.1' },
				post(reportXml(), SOAP12),
			],
			'missing credentials': ['ERR_MM7_UNAUTHORIZED', 401, { authenticate: () => false }, post(reportXml(), SOAP12)],
			'a failing authenticate': [
				'ERR_MM7_ADMISSION_FAILED',
				500,
				{ authenticate: () => Promise.reject(new Error('down')) },
				post(reportXml(), SOAP12),
			],
			'a body that is too large': ['ERR_MM7_BODY_TOO_LARGE', 413, { limits: { body: 10 } }, post(reportXml(), SOAP12)],
			'a SOAP part that is too large': [
				'ERR_MM7_SOAP_TOO_LARGE',
				413,
				{ limits: { soap: 10 } },
				post(reportXml().replace(SOAP_11, SOAP_12), SOAP12),
			],
			'a body that does not arrive': [
				'ERR_MM7_BODY_TIMEOUT',
				408,
				{ bodyTimeout: 20 },
				post('<a', { ...SOAP12, 'Content-Length': '100' }),
			],
			'an encoding that is not supported': [
				'ERR_MM7_BODY_ENCODING',
				415,
				{},
				post(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]), { ...SOAP12, 'Content-Encoding': 'zstd' }),
			],
			'an empty body': ['ERR_MM7_BODY_EMPTY', 500, {}, post('', SOAP12)],
			'a body that is not XML': ['ERR_MM7_MIME', 500, {}, post('hello', SOAP12)],
			'XML that ends early': [
				'ERR_MM7_XML',
				500,
				{},
				post(reportXml().replace(SOAP_11, SOAP_12).slice(0, -20), SOAP12),
			],
			'XML without a SOAP namespace': ['ERR_MM7_NOT_SOAP', 500, {}, post('<a/>', SOAP12)],
			'an unknown version of SOAP': [
				'ERR_MM7_SOAP_VERSION',
				500,
				{},
				post(reportXml().replace(SOAP_11, 'urn:soap:9'), SOAP12),
			],
		};
		for (const [name, [code, status, options, bytes]] of Object.entries(REFUSED)) {
			it(`rejects ${name}`, async () => {
				const exchanges = new Exchanges();
				const { port } = await listen(app(undefined, { ...options, onExchange: exchanges.add }));
				const [response] = await new Connection(port).write(bytes).answers();
				expect((await exchanges.number(1)).error?.code).to.equal(code);
				expect(response?.status).to.equal(status);
				expect(response?.headers['content-type']).to.equal('application/soap+xml; charset=utf-8');
				expect(readAnswer(response?.body ?? '').soapVersion).to.equal('1.2');
				expect(answerProblems(response?.body ?? '')).to.deep.equal([]);
			});
		}

		for (const [contentType, version] of [
			['application/soap+xml', '1.2'],
			['Application/SOAP+XML ;charset=utf-8', '1.2'],
			['multipart/related; type="application/soap+xml"; boundary=b', '1.2'],
			['multipart/related; type="application/soap+xml";', '1.2'],
			['multipart/related; boundary=b; type="application/xop+xml"; start-info="application/soap+xml"', '1.2'],
			['multipart/related; type="application/xop+xml"; start-info="application/soap+xml; action=\\"a\\""', '1.2'],
			['application/xop+xml; type="application/soap+xml"', '1.2'],
			['text/xml; charset=utf-8', '1.1'],
			['text/xml; action="application/soap+xml"', '1.1'],
			['application/soap+xmlish', '1.1'],
			['multipart/related; type="text/xml"; boundary=b', '1.1'],
			[undefined, '1.1'],
		] as const) {
			it(`goes by the media type ${contentType}`, async () => {
				const { port } = await listen(app(undefined, { authenticate: () => false }));
				const [response] = await new Connection(port).write(post('', { 'Content-Type': contentType })).answers();
				expect(readAnswer(response?.body ?? '').soapVersion).to.equal(version);
			});
		}

		it('goes by the envelope where that was read, whatever the media type says', async () => {
			const fault = (body: string, contentType: string) =>
				request(app()).post('/mm7').set('Content-Type', contentType).send(body);
			const other = reportXml({ operation: 'UnheardOfReq' });
			expect(readAnswer((await fault(other, 'application/soap+xml')).text).soapVersion).to.equal('1.1');
			const other12 = other.replace(SOAP_11, SOAP_12);
			expect(readAnswer((await fault(other12, 'text/xml')).text).soapVersion).to.equal('1.2');
		});
	});

	describe('to what was parsed in part', () => {
		const release = `${BASE}REL-5-MM7-1-2`;
		const sent = reportXml({ namespace: release }).replace(SOAP_11, SOAP_12);
		for (const [name, body] of [
			['XML that ends early', sent.slice(0, -30)],
			['an entity', sent.replace('Retrieved', '&who;<')],
			['a document type', sent.replace('?>', '?><!DOCTYPE x>')],
			['a Body without operation', sent.replace(/<env:Body>.*<\/env:Body>/, '<env:Body/>')],
			['too many elements', sent.replace('<MMStatus>', `${'<x/>'.repeat(600)}<MMStatus>`)],
			['a SOAP part that is too large', sent.padEnd(300_000)],
		] as const) {
			it(`repeats the SOAP version and the namespace: ${name}`, async () => {
				const { type, read } = await answerTo(body);
				expect(type).to.equal('application/soap+xml; charset=utf-8');
				expect(read).to.include({
					soapVersion: '1.2',
					transactionId: '20260001',
					transactionIdNamespace: release,
				});
			});
		}

		it('repeats the namespace of the header, where that is another one', async () => {
			const body = sent.replace('<TransactionID', '<TransactionID xmlns="urn:mm7-of-ours"').replace(/<Del.*Req>/, '');
			expect((await answerTo(body)).read).to.include({
				soapVersion: '1.2',
				transactionIdNamespace: 'urn:mm7-of-ours',
			});
		});
	});

	describe('with clientFaultStatus', () => {
		for (const [name, body] of [
			['unreadable XML', '<a>'],
			['a missing TransactionID', reportXml({ transactionId: undefined })],
			['another operation', reportXml({ operation: 'DeliverReq' })],
		] as const) {
			it(`answers ${name} with that HTTP status`, async () => {
				expect((await answerTo(body, { clientFaultStatus: 200 })).status).to.equal(200);
				expect((await answerTo(body, { clientFaultStatus: 400 })).status).to.equal(400);
			});
		}

		it('never answers a fault of ours with it', async () => {
			const fails = () => {
				throw new Error('db');
			};
			expect((await answerTo(reportXml(), { clientFaultStatus: 200 }, fails)).status).to.equal(500);
		});

		it('leaves the statuses of HTTP alone', async () => {
			expect((await answerTo(reportXml(), { clientFaultStatus: 200, limits: { body: 10 } })).status).to.equal(413);
			expect((await answerTo(reportXml(), { clientFaultStatus: 200, limits: { soap: 10 } })).status).to.equal(413);
		});
	});

	it('repeats a TransactionID of up to 8192 characters, white space included, and refuses longer ones', async () => {
		const longest = 'x'.repeat(8192);
		expect((await answerTo(reportXml({ transactionId: longest }))).read.transactionId).to.equal(longest);
		for (const transactionId of [`${longest}x`, `x${' '.repeat(8192)}`]) {
			const { status, read } = await answerTo(reportXml({ transactionId }));
			expect(status).to.equal(500);
			expect(read).to.include({ faultCode: 'Client.TransactionID', transactionId: undefined });
		}
	});

	it('repeats the TransactionID of a SOAP part that is too large', async () => {
		const { status, read } = await answerTo(reportXml().padEnd(300_000));
		expect(status).to.equal(413);
		expect(read).to.include({ transactionId: '20260001', faultCode: 'Client', statusCode: 2007 });
	});

	it('repeats the TransactionID of whatever could not be read otherwise', async () => {
		const broken = [
			reportXml().replace('</DeliveryReportReq>', ''),
			reportXml().replace('<MMStatus>', '<MMStatus <'),
			`${reportXml()}<second/>`,
			reportXml({ elements: { Extension: '<x>'.repeat(40) + '</x>'.repeat(40) } }),
			reportXml().replaceAll('TransactionID', 'mm7:TransactionID').slice(0, -20),
		];
		for (const body of broken) {
			const { status, read } = await answerTo(body);
			expect(status).to.equal(500);
			expect(read).to.include({ transactionId: '20260001', faultCode: 'Client', statusCode: 4004 });
		}
	});
});
