import { once } from 'node:events';
import type http from 'node:http';
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
import { basicAuth, type DeliveryReport, mm7DeliveryReports, type Options } from '../lib/index.js';
import { deliveryReportRequest, parseResponse, type RequestForm } from '../lib/provider/testing/index.js';
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
		for (const [trustProxy, forwardedFor, status] of [
			...['loopback', 1, ['127.0.0.1', '::1']].flatMap((trusted): [unknown, string, number][] => [
				[trusted, '192.0.2.7', 200],
				[trusted, '198.51.100.9', 403],
				// the client forged the first address
				[trusted, '192.0.2.7, 198.51.100.9', 403],
			]),
			// two hops that write ports
			[2, '192.0.2.7:51234, 10.0.0.5:443', 200],
			[false, '192.0.2.7', 403],
			// offers no protection, as the document warns
			[true, '192.0.2.7, 198.51.100.9', 200],
		]) {
			const trusted = JSON.stringify(trustProxy);
			it(`responds with ${status} if "trust proxy" is ${trusted} and X-Forwarded-For is ${forwardedFor}`, async () => {
				const { app } = receiver({ allowFrom: '192.0.2.0/24' });
				app.set('trust proxy', trustProxy);
				const { headers, body } = deliveryReportRequest();
				const sent = request(app).post('/mm7').set(headers).set('X-Forwarded-For', String(forwardedFor));
				expect((await sent.send(body)).status).to.equal(status);
			});
		}
	});

	describe('on AWS Lambda, through serverless-http', () => {
		const invoke = async (app: express.Express, report = deliveryReportRequest()) =>
			(await serverless(app)(gatewayEvent('/mm7', report), {})) as APIGatewayProxyStructuredResultV2;

		for (const form of FORMS) {
			it(`accepts a report as ${form}`, async () => {
				const exchanges = new Exchanges();
				const { app, reports } = receiver({ onExchange: exchanges.add });
				const result = await invoke(app, deliveryReportRequest({ statusText: 'Zoë' }, { form }));
				expect(judgeResult(result, TRANSACTION_ID)).to.deep.equal(ACCEPTED);
				expect(result.headers).to.include({ 'content-type': 'text/xml; charset=utf-8' });
				expect(reports.map(({ statusText }) => statusText)).to.deep.equal(['Zoë']);
				expect(await exchanges.number(1)).to.include({ error: undefined, statusCode: 1000 });
			});
		}

		it('accepts attachments, which arrive in base64', async () => {
			const { app, reports } = receiver();
			const attachments = [{ content: Buffer.from([0, 255, 13, 10, 45, 45]), contentType: 'image/png' }];
			const report = deliveryReportRequest({}, { form: 'multipart', attachments });
			expect(gatewayEvent('/mm7', report).isBase64Encoded).to.equal(true);
			expect(judgeResult(await invoke(app, report), TRANSACTION_ID)).to.deep.equal(ACCEPTED);
			expect(reports).to.have.length(1);
		});

		it('compares allowFrom with the address that the gateway saw', async () => {
			expect(await invoke(receiver({ allowFrom: '192.0.2.7' }).app)).to.include({ statusCode: 200 });
			expect(await invoke(receiver({ allowFrom: '192.0.2.8' }).app)).to.include({ statusCode: 403 });
		});

		it('responds with a fault to a request that is not a report, and calls onExchange', async () => {
			const exchanges = new Exchanges();
			const { app } = receiver({ onExchange: exchanges.add });
			const result = await invoke(app, deliveryReportRequest({ transactionId: null }));
			expect(result.statusCode).to.equal(500);
			expect(parseResponse(result.body ?? '').fault).to.include({ code: 'Client.TransactionID' });
			expect((await exchanges.number(1)).error?.code).to.equal('ERR_MM7_TRANSACTION_ID');
		});
	});

	describe('on Google Cloud Functions, whose framework reads the body first', () => {
		for (const form of FORMS) {
			it(`accepts a report as ${form}`, async () => {
				const { app, reports } = receiver();
				cloudFunction(`reports-${form}`, app);
				const { headers, body } = deliveryReportRequest({ statusText: 'Zoë' }, { form });
				const server = getTestServer(`reports-${form}`);
				const response = await request(server).post('/mm7').set(headers).send(body).expect(200);
				expect(parseResponse(response.text)).to.include({ transactionId: TRANSACTION_ID, statusCode: 1000 });
				expect(reports.map(({ statusText }) => statusText)).to.deep.equal(['Zoë']);
			});
		}
	});

	it('on Google Cloud Functions, compares allowFrom with the address that its own app sees', async () => {
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

	it('mounted several times on one app, applies the handler and options of each mount', async () => {
		const saved: string[] = [];
		const save = (name: string) => (report: DeliveryReport) => void saved.push(`${name} ${report.messageId}`);
		const authenticate = basicAuth({ other: 'secret' });
		const app = express();
		app.use('/mm7/one', mm7DeliveryReports(save('one')));
		app.use('/mm7/other', mm7DeliveryReports(save('other'), { authenticate, clientFaultStatus: 200 }));
		const headers = { Authorization: `Basic ${Buffer.from('other:secret').toString('base64')}` };
		for (const [path, fields, options, status] of [
			['/mm7/one', { messageId: '1' }, {}, 200],
			['/mm7/other', { messageId: '2' }, { headers }, 200],
			['/mm7/other', {}, {}, 401],
			['/mm7/one', { transactionId: null }, {}, 500],
			['/mm7/other', { transactionId: null }, { headers }, 200],
		] as const) {
			const sent = deliveryReportRequest(fields, options);
			await request(app).post(path).set(sent.headers).send(sent.body).expect(status);
		}
		expect(saved).to.deep.equal(['one 1', 'other 2']);
	});

	it('responds to a slow body itself if requestTimeout is longer than bodyTimeout', async () => {
		const { app } = receiver({ bodyTimeout: 50 });
		const timeouts = { connectionsCheckingInterval: 20, requestTimeout: 2_000, headersTimeout: 1_000 };
		const { port } = await listen(app, timeouts);
		const [response] = await new Connection(port).write(post('<a/>', { 'Content-Length': '100' })).responses();
		expect(response?.status).to.equal(408);
		expect(parseResponse(response?.body ?? '')).to.include({ statusCode: 4006 });
	});

	describe('over HTTPS with client certificates', () => {
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

		it('accepts a client whose certificate is signed by the authority', async () => {
			expect(await send(provider)).to.deep.equal(ACCEPTED);
		});

		it('responds with 401 to clients without a valid certificate', async () => {
			expect(await send(stranger)).to.deep.equal({ verdict: 'retry', reason: 'HTTP 401' });
			expect(await send(undefined)).to.deep.equal({ verdict: 'retry', reason: 'HTTP 401' });
		});

		it('passes each response to onExchange, even though its bytes are encrypted later', async () => {
			expect((await exchanges.number(3)).httpStatus).to.equal(401);
			expect(exchanges.all.map(({ httpStatus }) => httpStatus)).to.deep.equal([200, 401, 401]);
		});
	});

	it('without Express, compares allowFrom with the address of the socket', async () => {
		for (const [allowFrom, status] of [
			['127.0.0.1', 200],
			['192.0.2.7', 403],
		] as const) {
			const receive = mm7DeliveryReports(() => undefined, { allowFrom });
			const { port } = await listen(
				(req, res) => void receive(req as Parameters<typeof receive>[0], res, () => undefined),
			);
			const forwarded = { 'X-Forwarded-For': '192.0.2.7' };
			const [response] = await new Connection(port).write(post(deliveryReportRequest().body, forwarded)).responses(1);
			expect(response?.status).to.equal(status);
		}
	});
});
