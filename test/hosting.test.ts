import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { http as cloudFunction } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { expect } from 'chai';
import express from 'express';
import serverless from 'serverless-http';
import request from 'supertest';
import { basicAuth, type DeliveryReport, mm7DeliveryReports, type Options, parseDeliveryReport } from '../lib/index.js';
import { deliveryReportRequest, parseAnswer, type RequestForm } from '../lib/provider/testing/index.js';
import { gatewayEvent, judgeResult, sendByHttps } from './support/provider.js';
import { type Identity, identity } from './support/samples.js';
import { Connection, Exchanges, listen, post, stopServers } from './support/server.js';

const ACCEPTED = { verdict: 'accepted', reason: undefined };
const TRANSACTION_ID = '20260001';
const FORMS: readonly RequestForm[] = ['xml', 'multipart', 'bare'];

/** An app with a receiver at /mm7 that keeps its reports. */
function receiver(options: Options = {}) {
	const reports: DeliveryReport[] = [];
	const app = express();
	const middleware = mm7DeliveryReports((report) => {
		reports.push(report);
	}, options);
	app.use('/mm7', middleware);
	return { app, reports };
}

describe('hosted', () => {
	afterEach(stopServers);

	describe('behind a proxy, with allowFrom 192.0.2.0/24', () => {
		const sendThrough = (trustProxy: unknown, forwardedFor: string) => {
			const { app } = receiver({ allowFrom: '192.0.2.0/24' });
			app.set('trust proxy', trustProxy);
			const { headers, body } = deliveryReportRequest();
			return request(app).post('/mm7').set(headers).set('X-Forwarded-For', forwardedFor).send(body);
		};

		for (const trusted of ['loopback', 1, ['127.0.0.1', '::1']]) {
			const name = JSON.stringify(trusted);
			it(`lets in whom a proxy trusted as ${name} vouches for`, () => sendThrough(trusted, '192.0.2.7').expect(200));

			it(`refuses others behind a proxy trusted as ${name}`, () => sendThrough(trusted, '198.51.100.9').expect(403));

			it(`does not believe what the client wrote itself before a proxy trusted as ${name}`, () =>
				sendThrough(trusted, '192.0.2.7, 198.51.100.9').expect(403));
		}

		it('ignores ports behind two hops that write them', () =>
			sendThrough(2, '192.0.2.7:51234, 10.0.0.5:443').expect(200));

		it('sees only the proxy where none is trusted', () => sendThrough(false, '192.0.2.7').expect(403));

		it('protects nothing where every proxy is trusted, as the document warns', () =>
			sendThrough(true, '192.0.2.7, 198.51.100.9').expect(200));
	});

	it('behind a proxy that keeps connections open, takes one report after another on one connection', async () => {
		const { app, reports } = receiver();
		const { port } = await listen(app);
		const connection = new Connection(port);
		for (const count of [1, 2, 3]) {
			const { body } = deliveryReportRequest({ messageId: String(count) });
			connection.write(post(body));
			expect(await connection.answers(count)).to.have.length(count);
		}
		expect(reports.map(({ messageId }) => messageId)).to.deep.equal(['1', '2', '3']);
		expect(connection.closed).to.equal(false);
	});

	describe('on AWS Lambda, by serverless-http', () => {
		const invoke = async (app: express.Express, report = deliveryReportRequest()) =>
			(await serverless(app)(gatewayEvent('/mm7', report), {})) as APIGatewayProxyStructuredResultV2;

		for (const form of FORMS) {
			it(`accepts a report as ${form}`, async () => {
				const { app, reports } = receiver();
				const result = await invoke(app, deliveryReportRequest({ statusText: 'Zoë' }, { form }));
				expect(judgeResult(result, TRANSACTION_ID)).to.deep.equal(ACCEPTED);
				expect(result.headers).to.include({ 'content-type': 'text/xml; charset=utf-8' });
				expect(reports.map(({ statusText }) => statusText)).to.deep.equal(['Zoë']);
			});
		}

		it('takes attachments, which come in base64', async () => {
			const { app, reports } = receiver();
			const attachments = [{ content: Buffer.from([0, 255, 13, 10, 45, 45]), contentType: 'image/png' }];
			const report = deliveryReportRequest({}, { form: 'multipart', attachments });
			expect(gatewayEvent('/mm7', report).isBase64Encoded).to.equal(true);
			expect(judgeResult(await invoke(app, report), TRANSACTION_ID)).to.deep.equal(ACCEPTED);
			expect(reports).to.have.length(1);
		});

		it('holds allowFrom against the address that the gateway saw', async () => {
			expect(await invoke(receiver({ allowFrom: '192.0.2.7' }).app)).to.include({ statusCode: 200 });
			expect(await invoke(receiver({ allowFrom: '192.0.2.8' }).app)).to.include({ statusCode: 403 });
		});

		it('asks for credentials', async () => {
			const authenticate = basicAuth({ sinch: 'secret' });
			const headers = { Authorization: `Basic ${Buffer.from('sinch:secret').toString('base64')}` };
			expect(await invoke(receiver({ authenticate }).app)).to.include({ statusCode: 401 });
			const known = deliveryReportRequest({}, { headers });
			expect(await invoke(receiver({ authenticate }).app, known)).to.include({ statusCode: 200 });
		});

		it('answers what is no report with a fault, and tells the hook', async () => {
			const exchanges = new Exchanges();
			const { app } = receiver({ onExchange: exchanges.add });
			const result = await invoke(app, deliveryReportRequest({ transactionId: null }));
			expect(result.statusCode).to.equal(500);
			expect(parseAnswer(result.body ?? '').fault).to.include({ code: 'Client.TransactionID' });
			expect((await exchanges.number(1)).error?.code).to.equal('ERR_MM7_TRANSACTION_ID');
		});
	});

	describe('by hand, from the event of a gateway', () => {
		for (const form of FORMS) {
			it(`reads a report as ${form}`, async () => {
				const event = gatewayEvent('/mm7', deliveryReportRequest({ statusText: 'Zoë' }, { form }));
				const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
				expect(await parseDeliveryReport(bytes, event.headers)).to.include({
					statusText: 'Zoë',
					operatorId: '0001234',
				});
			});
		}
	});

	describe('on Google Cloud Functions, whose framework reads the body first', () => {
		for (const form of FORMS) {
			it(`accepts a report as ${form}`, async () => {
				const { app, reports } = receiver();
				cloudFunction(`reports-${form}`, app);
				const { headers, body } = deliveryReportRequest({ statusText: 'Zoë' }, { form });
				const server = getTestServer(`reports-${form}`);
				const answer = await request(server).post('/mm7').set(headers).send(body).expect(200);
				expect(parseAnswer(answer.text)).to.include({ transactionId: TRANSACTION_ID, statusCode: 1000 });
				expect(reports.map(({ statusText }) => statusText)).to.deep.equal(['Zoë']);
			});
		}
	});

	it('on Google Cloud Functions, holds allowFrom against the address that its own app sees', async () => {
		const { app } = receiver({ allowFrom: '192.0.2.7' });
		cloudFunction('reports-behind-proxy', app);
		const { headers, body } = deliveryReportRequest();
		const send = () =>
			request(getTestServer('reports-behind-proxy'))
				.post('/mm7')
				.set(headers)
				.set('X-Forwarded-For', '192.0.2.7')
				.send(body);
		await send().expect(403);
		app.set('trust proxy', 1);
		await send().expect(200);
	});

	describe('several times on one app', () => {
		const saved: string[] = [];
		const app = express();
		const save = (name: string) => (report: DeliveryReport) => {
			saved.push(`${name} ${report.messageId}`);
		};
		app.use('/mm7/one', mm7DeliveryReports(save('one')));
		app.use(
			'/mm7/other',
			mm7DeliveryReports(save('other'), { authenticate: basicAuth({ other: 'secret' }), clientFaultStatus: 200 }),
		);
		const send = (path: string, ...args: Parameters<typeof deliveryReportRequest>) => {
			const { headers, body } = deliveryReportRequest(...args);
			return request(app).post(path).set(headers).send(body);
		};
		const headers = { Authorization: `Basic ${Buffer.from('other:secret').toString('base64')}` };

		it('hands each report to the handler of its mount', async () => {
			await send('/mm7/one', { messageId: '1' }).expect(200);
			await send('/mm7/other', { messageId: '2' }, { headers }).expect(200);
			expect(saved).to.deep.equal(['one 1', 'other 2']);
		});

		it('asks only those for credentials who have to have them', async () => {
			await send('/mm7/one').expect(200);
			await send('/mm7/other').expect(401);
		});

		it('answers the faults of each with its status', async () => {
			await send('/mm7/one', { transactionId: null }).expect(500);
			await send('/mm7/other', { transactionId: null }, { headers }).expect(200);
		});
	});

	it('answers the report that it is handling when it is asked to stop, and then closes', async () => {
		let finish = () => {};
		const app = express();
		const started = new Promise<void>((resolve) => {
			app.use(
				'/mm7',
				mm7DeliveryReports(() => {
					resolve();
					return new Promise<void>((done) => {
						finish = done;
					});
				}),
			);
		});
		const { port, server } = await listen(app);
		const idle = new Connection(port);
		await once(idle.socket, 'connect');
		const busy = new Connection(port).write(post(deliveryReportRequest().body));
		await started;

		const closed = once(server, 'close');
		server.close();
		const interval = setInterval(() => server.closeIdleConnections(), 10);
		finish();
		const [answer] = await busy.answers(1);
		expect(answer?.status).to.equal(200);
		idle.socket.destroy();
		await closed;
		clearInterval(interval);
	});

	describe('with the timeouts of the server', () => {
		const start = async (options: http.ServerOptions, receiverOptions: Options) => {
			const server = http.createServer({ connectionsCheckingInterval: 20, ...options }, receiver(receiverOptions).app);
			server.listen(0, '127.0.0.1');
			await once(server, 'listening');
			return { server, port: (server.address() as AddressInfo).port };
		};

		it('ends connections that send half a head', async () => {
			const { server, port } = await start({ headersTimeout: 50 }, {});
			const connection = new Connection(port).write('POST /mm7 HTTP/1.1\r\nHost: a\r\n');
			await connection.end();
			expect(connection.received).to.match(/^HTTP\/1.1 408 /);
			server.close();
		});

		it('lets the receiver answer a slow body, where requestTimeout is longer than bodyTimeout', async () => {
			const { server, port } = await start({ requestTimeout: 2_000, headersTimeout: 1_000 }, { bodyTimeout: 50 });
			const connection = new Connection(port).write(post('<a/>', { 'Content-Length': '100' }));
			const [answer] = await connection.answers(1);
			expect(answer?.status).to.equal(408);
			expect(parseAnswer(answer?.body ?? '')).to.include({ statusCode: 4006 });
			connection.socket.destroy();
			server.close();
		});
	});

	describe('by HTTPS with client certificates', () => {
		const exchanges = new Exchanges();
		let server: https.Server;
		let provider: Identity;
		let stranger: Identity;

		before(async () => {
			const [own, ...others] = await Promise.all(['localhost', 'provider.example', 'stranger.example'].map(identity));
			[provider, stranger] = others as [Identity, Identity];
			const authenticate = (req: http.IncomingMessage) => (req.socket as TLSSocket).authorized;
			const tls = { ...own, ca: provider.cert, requestCert: true, rejectUnauthorized: false };
			const { app } = receiver({ authenticate, onExchange: exchanges.add });
			server = https.createServer(tls, app).listen(0, '127.0.0.1');
			await once(server, 'listening');
		});
		after(() => server.close());

		const send = (by: Identity | undefined) => {
			const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/mm7`;
			return sendByHttps(url, deliveryReportRequest(), TRANSACTION_ID, by);
		};

		it('lets in whose certificate is signed by the authority', async () => {
			expect(await send(provider)).to.deep.equal(ACCEPTED);
		});

		it('answers others with 401', async () => {
			expect(await send(stranger)).to.deep.equal({ verdict: 'again', reason: 'HTTP 401' });
			expect(await send(undefined)).to.deep.equal({ verdict: 'again', reason: 'HTTP 401' });
		});

		it('tells onExchange of each response, although its bytes are encrypted later', async () => {
			expect((await exchanges.number(3)).httpStatus).to.equal(401);
			expect(exchanges.all.map(({ httpStatus }) => httpStatus)).to.deep.equal([200, 401, 401]);
		});
	});

	it('without Express, holds allowFrom against the address of the socket', async () => {
		for (const [allowFrom, status] of [
			['127.0.0.1', 200],
			['192.0.2.7', 403],
		] as const) {
			const receive = mm7DeliveryReports(() => undefined, { allowFrom });
			const { port } = await listen(
				(req, res) => void receive(req as Parameters<typeof receive>[0], res, () => undefined),
			);
			const forwarded = { 'X-Forwarded-For': '192.0.2.7' };
			const [answer] = await new Connection(port).write(post(deliveryReportRequest().body, forwarded)).answers(1);
			expect(answer?.status).to.equal(status);
		}
	});
});
