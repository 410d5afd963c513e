import type { IncomingMessage } from 'node:http';
import { expect } from 'chai';
import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import request from 'supertest';
import { type DeliveryReport, type Handler, type Mm7Envelope, mm7DeliveryReports } from '../lib/index.js';
import { NAMESPACE, reportXml } from './support/report.js';
import { readResponse } from './support/response.js';
import { app, Connection, EXPRESS, listen, post, stopServers } from './support/server.js';

const XML = reportXml();
const middleware = () => mm7DeliveryReports(() => undefined) as unknown as RequestHandler;
const send = (application: ReturnType<typeof app>, xml = XML, path = '/mm7') =>
	request(application).post(path).type('xml').send(xml);

describe('mm7DeliveryReports', () => {
	afterEach(stopServers);

	for (const [name, express] of Object.entries(EXPRESS)) {
		describe(`in ${name}`, () => {
			it('passes the report to the handler, and sets req.deliveryReport and req.mm7Envelope', async () => {
				let seen: { report: DeliveryReport; onReq: unknown; envelope: Mm7Envelope | undefined } | undefined;
				const handler: Handler = (report, req) => {
					seen = { report, onReq: req.deliveryReport, envelope: req.mm7Envelope };
				};
				await send(app(handler, {}, express)).expect(200);
				expect(seen?.onReq).to.equal(seen?.report);
				expect(seen?.report.receivedAt.getTime()).to.be.closeTo(Date.now(), 5000);
				expect(Object.getPrototypeOf(seen?.report.extensions)).to.equal(null);
				expect(seen?.envelope).to.deep.equal({
					operation: 'DeliveryReportReq',
					transactionId: '20260001',
					namespace: NAMESPACE,
					mm7Version: '6.8.0',
					xml: XML,
				});
			});

			it('responds with 500 to a thrown undefined, which Express would treat as no error', async () => {
				const handler = () => {
					throw undefined;
				};
				await send(app(handler, {}, express)).expect(500);
			});

			it('passes other operations to the next middleware if otherOperations is "next"', async () => {
				const application = app(undefined, { otherOperations: 'next' }, express);
				application.use('/mm7', ({ mm7Envelope }: Request, res) => {
					res.json([mm7Envelope?.operation, mm7Envelope?.transactionId]);
				});
				await send(application, reportXml({ operation: 'ReadReplyReq' })).expect(200, ['ReadReplyReq', '20260001']);
				await send(application).expect('Content-Type', 'text/xml; charset=utf-8');
			});

			it('handles only POST requests to its own path if it is mounted without one', async () => {
				const application = express().use(middleware());
				application.get('/health', (_req, res) => void res.send('well'));
				await request(application).get('/health').expect(200, 'well');
				await send(application, XML, '/').expect(200);
			});
		});
	}

	it('rejects requests with an explanation if it is mounted without being called', async () => {
		const application = EXPRESS['Express 5']().use('/mm7', mm7DeliveryReports as never);
		application.use(((error, _req, res, _next) => res.status(500).send(String(error))) as ErrorRequestHandler);
		const message = 'TypeError: mm7DeliveryReports must be called: app.use(path, mm7DeliveryReports(handler))';
		await send(application).expect(500, message);
	});

	it('works as a plain listener of node:http, without Express', async () => {
		const receive = mm7DeliveryReports<IncomingMessage>(() => undefined);
		const { port } = await listen((req, res) => receive(req, res, () => res.writeHead(404).end()));
		const [response] = await new Connection(port).write(post(XML)).responses();
		expect(response?.status).to.equal(200);
	});

	it('has a name in stack traces', () => {
		expect(middleware().name).to.equal('mm7DeliveryReportsMiddleware');
	});

	it('responds to pipelined requests in their order', async () => {
		const { port } = await listen(app(async () => undefined));
		const ids = ['1', '2', '3', '4'];
		const requests = ids.map((transactionId) => post(reportXml({ transactionId })));
		const responses = await new Connection(port).write(Buffer.concat(requests)).responses(ids.length);
		expect(responses.map(({ body }) => readResponse(body).transactionId)).to.deep.equal(ids);
	});
});
