import type { IncomingMessage } from 'node:http';
import { expect } from 'chai';
import type express from 'express';
import request from 'supertest';
import { type DeliveryReport, type Handler, type Mm7Envelope, Mm7Rejection, mm7DeliveryReports } from '../lib/index.js';
import { readAnswer } from './support/answer.js';
import { multipart, NAMESPACE, reportXml } from './support/report.js';
import { app, Connection, EXPRESS, Exchanges, listen, stopServers } from './support/server.js';

/** The request that Sinch documents: called multipart/related, without a boundary, and bare XML. */
const SINCH_XML = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/" xmlns=
"${NAMESPACE}">
<soap-env:Header>
<TransactionID soap-env:mustUnderstand="1">10000001</TransactionID>
</soap-env:Header>
<soap-env:Body>
<DeliveryReportReq>
<MM7Version>6.8.0</MM7Version>
<MessageID>369500617770864640</MessageID>
<Recipient>
<Number>16175550123</Number>
</Recipient>
<Sender>
<Number>111122</Number>
</Sender>
<Date>2015-03-16T14:03:51.749Z</Date>
<MMStatus>Retrieved</MMStatus>
<StatusText>Success</StatusText>
<UACapabilities UAProf="Samsung Galaxy" />
</DeliveryReportReq>
</soap-env:Body>
</soap-env:Envelope>`;

const SINCH_REQUEST = [
	'POST /mm7 HTTP/1.1',
	`SOAPAction: "${NAMESPACE}"`,
	'Content-Type: multipart/related; type="text/xml";',
	'Host: localhost',
	`Content-Length: ${Buffer.byteLength(SINCH_XML)}`,
	'x-mblox-operator-id: 0001890',
	'Connection: Keep-Alive',
	'',
	SINCH_XML,
].join('\r\n');

/** A report and another document in two parts. */
function twoParts(document: string) {
	const { headers, body } = multipart(reportXml());
	return {
		headers,
		body: Buffer.from(body.toString().replace('image/png\r\n\r\nno picture', `text/xml\r\n\r\n${document}`)),
	};
}

describe('mm7DeliveryReports', () => {
	afterEach(stopServers);

	for (const [name, express] of Object.entries(EXPRESS)) {
		describe(`in ${name}`, () => {
			it("takes Sinch's documented request over a socket and accepts it", async () => {
				let seen: { report: DeliveryReport; onReq: unknown; envelope: Mm7Envelope | undefined } | undefined;
				const handler: Handler = (report, req) => {
					seen = { report, onReq: req.deliveryReport, envelope: req.mm7Envelope };
				};
				const { port } = await listen(app(handler, {}, express));
				const [answer] = await new Connection(port).write(SINCH_REQUEST).answers();

				expect(answer?.status).to.equal(200);
				expect(answer?.headers).to.include({ 'content-type': 'text/xml; charset=utf-8' });
				expect(answer?.headers).to.include({ 'content-length': String(Buffer.byteLength(answer?.body ?? '')) });
				expect(answer?.headers).not.to.have.property('transfer-encoding');
				expect(readAnswer(answer?.body ?? '')).to.include({
					transactionId: '10000001',
					transactionIdNamespace: NAMESPACE,
					operation: 'DeliveryReportRsp',
					namespace: NAMESPACE,
					mm7Version: '6.8.0',
					statusCode: 1000,
					statusText: 'Success',
				});

				expect(seen?.onReq).to.equal(seen?.report);
				expect(seen?.envelope).to.deep.equal({
					operation: 'DeliveryReportReq',
					transactionId: '10000001',
					namespace: NAMESPACE,
					mm7Version: '6.8.0',
					xml: SINCH_XML,
				});
				const { receivedAt, extensions, ...fields } = seen?.report ?? ({} as DeliveryReport);
				expect(receivedAt.getTime()).to.be.closeTo(Date.now(), 5000);
				expect(Object.getPrototypeOf(extensions)).to.equal(null);
				expect(Object.keys(extensions)).to.deep.equal([]);
				expect(fields).to.deep.equal({
					transactionId: '10000001',
					namespace: NAMESPACE,
					mm7Version: '6.8.0',
					mmsRelayServerId: undefined,
					messageId: '369500617770864640',
					recipient: { kind: 'Number', address: '16175550123', number: '16175550123' },
					sender: { kind: 'Number', address: '111122', number: '111122' },
					date: new Date('2015-03-16T14:03:51.749Z'),
					dateText: '2015-03-16T14:03:51.749Z',
					mmStatus: 'Retrieved',
					state: 'delivered',
					final: true,
					mmStatusExtension: undefined,
					statusText: 'Success',
					applicId: undefined,
					replyApplicId: undefined,
					auxApplicInfo: undefined,
					uaCapabilities: { uaProf: 'Samsung Galaxy' },
					operatorId: '0001890',
				});
			});

			it('takes the same report as text/xml', async () => {
				const answer = await request(app(undefined, {}, express))
					.post('/mm7')
					.type('text/xml')
					.send(SINCH_XML)
					.expect(200);
				expect(readAnswer(answer.text)).to.include({ transactionId: '10000001', statusCode: 1000 });
			});

			it('takes the same report as multipart/related with an attachment', async () => {
				let messageId: string | undefined;
				const { headers, body } = multipart(SINCH_XML);
				const handler = (report: DeliveryReport) => {
					messageId = report.messageId;
				};
				await request(app(handler, {}, express))
					.post('/mm7')
					.set(headers)
					.send(body)
					.expect(200);
				expect(messageId).to.equal('369500617770864640');
			});

			it('refuses two reports in two parts as a whole', async () => {
				const reports: DeliveryReport[] = [];
				const exchanges = new Exchanges();
				const { headers, body } = twoParts(reportXml({ transactionId: '20260002' }));
				const application = app((report) => void reports.push(report), { onExchange: exchanges.add }, express);
				const response = await request(application).post('/mm7').set(headers).send(body).expect(200);
				expect(readAnswer(response.text)).to.include({
					operation: 'DeliveryReportRsp',
					transactionId: '20260001',
					statusCode: 4004,
					details: 'two parts hold a report',
				});
				expect(reports).to.deep.equal([]);
				const { error, body: bytes } = await exchanges.number(1);
				expect(error?.code).to.equal('ERR_MM7_SEVERAL_REPORTS');
				expect(bytes?.equals(body)).to.equal(true);
			});

			it('accepts a report with the SOAP message that was submitted as an attachment', async () => {
				const { headers, body } = twoParts(reportXml({ operation: 'SubmitReq' }));
				await request(app(undefined, {}, express))
					.post('/mm7')
					.set(headers)
					.send(body)
					.expect(200, /1000/);
			});

			it('answers a handler that rejects with 500 and keeps the reason inside', async () => {
				const handler = async () => {
					throw new Error('password=secret');
				};
				const answer = await request(app(handler, {}, express))
					.post('/mm7')
					.type('xml')
					.send(reportXml())
					.expect(500);
				expect(answer.text).not.to.match(/secret|Error:|at .*\.ts/);
				expect(readAnswer(answer.text)).to.include({
					transactionId: '20260001',
					faultCode: 'Server',
					operation: 'VASPErrorRsp',
					statusCode: 4006,
				});
			});

			it('answers a thrown undefined, which Express would take for nothing', async () => {
				const handler = () => {
					throw undefined;
				};
				await request(app(handler, {}, express))
					.post('/mm7')
					.type('xml')
					.send(reportXml())
					.expect(500);
			});

			it('answers a refusal with HTTP 200 and its code', async () => {
				const handler = () => {
					throw new Mm7Rejection(2005, 'never sent by us');
				};
				const answer = await request(app(handler, {}, express))
					.post('/mm7')
					.type('xml')
					.send(reportXml())
					.expect(200);
				expect(readAnswer(answer.text)).to.include({
					operation: 'DeliveryReportRsp',
					statusCode: 2005,
					statusText: 'Message ID not found',
					details: 'never sent by us',
				});
			});

			it('hands other operations to the next middleware when asked to', async () => {
				const application = express();
				application.use(
					'/mm7',
					mm7DeliveryReports(() => undefined, { otherOperations: 'next' }),
				);
				application.use('/mm7', (req, res) => {
					res.json({ operation: req.mm7Envelope?.operation, id: req.mm7Envelope?.transactionId });
				});
				const answer = await request(application)
					.post('/mm7')
					.type('xml')
					.send(reportXml({ operation: 'ReadReplyReq' }))
					.expect(200);
				expect(answer.body).to.deep.equal({ operation: 'ReadReplyReq', id: '20260001' });
				await request(application)
					.post('/mm7')
					.type('xml')
					.send(reportXml())
					.expect('Content-Type', 'text/xml; charset=utf-8');
			});

			it('answers GET with 405 and names the method that it serves', async () => {
				await request(app(undefined, {}, express))
					.get('/mm7')
					.expect(405)
					.expect('Allow', 'POST');
			});
		});
	}

	it('serves as a plain listener of node:http, without Express', async () => {
		const middleware = mm7DeliveryReports<IncomingMessage>(() => undefined);
		const { port } = await listen((req, res) => middleware(req, res, () => res.writeHead(404).end()));
		const [answer] = await new Connection(port).write(SINCH_REQUEST).answers();
		expect(answer?.status).to.equal(200);
	});

	it('leaves a name in stack traces', () => {
		expect(mm7DeliveryReports(() => undefined).name).to.equal('mm7DeliveryReportsMiddleware');
	});

	it('answers pipelined requests in their order', async () => {
		const { port } = await listen(app(async () => undefined));
		const ids = ['1', '2', '3', '4'];
		const requests = ids.map((transactionId) => {
			const xml = reportXml({ transactionId });
			return `POST /mm7 HTTP/1.1\r\nHost: a\r\nContent-Length: ${xml.length}\r\n\r\n${xml}`;
		});
		const answers = await new Connection(port).write(requests.join('')).answers(ids.length);
		expect(answers.map(({ body }) => readAnswer(body).transactionId)).to.deep.equal(ids);
	});

	it('does not answer a second time what somebody else has answered', async () => {
		const exchanges = new Exchanges();
		const handler = (_: DeliveryReport, req: express.Request) => {
			req.res?.status(202).send('mine');
		};
		await request(app(handler, { onExchange: exchanges.add }))
			.post('/mm7')
			.type('xml')
			.send(reportXml())
			.expect(202, 'mine');
		const exchange = await exchanges.number(1);
		expect(exchange).to.include({ httpStatus: 202, statusCode: undefined });
		expect(exchange.error?.code).to.equal('ERR_MM7_ALREADY_ANSWERED');
	});
});
