import { spawnSync } from 'node:child_process';
import type { ServerOptions } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import request from 'supertest';
import { mm7DeliveryReports } from '../../lib/index.js';
import { deliveryReportRequest, judgeAsSinch } from '../../lib/provider/testing/index.js';
import { ROOT } from '../support/markdown.js';
import { app, Connection, EXPRESS, Exchanges, listen, post, stopServers } from '../support/server.js';

/** A receiver at /mm7 after a middleware, with the exchanges that it reports. */
function receiverAfter(inFront: RequestHandler, makeApp: typeof express) {
	const exchanges = new Exchanges();
	const application = makeApp().use(inFront);
	application.use(app(() => undefined, { onExchange: exchanges.add }, makeApp));
	application.use(((error, _req, res, _next) => {
		res.status(error.status ?? 500).send(error.message);
	}) as ErrorRequestHandler);
	return { application, exchanges };
}

/** Runs a program that uses the built package by its name. */
function runProgram(kind: 'module' | 'commonjs', code: string) {
	const { NODE_OPTIONS: _, ...env } = process.env;
	return spawnSync(process.execPath, [`--input-type=${kind}`, '-e', code], { cwd: ROOT, encoding: 'utf8', env });
}

describe('docs/troubleshooting.md', () => {
	afterEach(stopServers);

	for (const [release, makeApp] of Object.entries(EXPRESS)) {
		it(`is right about a body parser for all types in front of it, in ${release}`, async () => {
			const { headers, body } = deliveryReportRequest();
			const { application, exchanges } = receiverAfter(makeApp.json({ type: '*/*' }), makeApp);
			await request(application).post('/mm7').set(headers).send(body).expect(400);
			expect(exchanges.all).to.deep.equal([]);

			const fixed = app(undefined, undefined, makeApp).use(makeApp.json({ type: '*/*' }));
			await request(fixed).post('/mm7').set(headers).send(body).expect(200);
		});
	}

	it('is right about a factory that is not called', async () => {
		const { application } = receiverAfter(mm7DeliveryReports as unknown as RequestHandler, express);
		const { text } = await request(application).post('/mm7').expect(500);
		expect(text).to.include('mm7DeliveryReports must be called');
	});

	it('is right about a receiver that is mounted without a path', async () => {
		const application = express()
			.use(mm7DeliveryReports(() => undefined))
			.post('/login', (_req, res) => void res.send('welcome'));
		await request(application).post('/login').send('user=zoe').expect(500);
	});

	for (const [kind, code] of [
		['module', "import mm7DeliveryReports from 'mm7-delivery-reports'; mm7DeliveryReports(() => {});"],
		['commonjs', "const mm7DeliveryReports = require('mm7-delivery-reports'); mm7DeliveryReports(() => {});"],
	] as const) {
		it(`is right about a default import, in ${kind}`, () => {
			const { status, stderr } = runProgram(kind, code);
			expect(status).to.equal(1);
			expect(stderr).to.include('TypeError: mm7DeliveryReports is not a function');
			const name = /mm7DeliveryReports (?=from|=)/;
			expect(runProgram(kind, code.replace(name, '{ mm7DeliveryReports } '))).to.include({ status: 0 });
		});
	}

	it('is right about a missing await: 1000, then the process exits', () => {
		const program = (handler: string) => `
			import express from 'express';
			import { mm7DeliveryReports } from 'mm7-delivery-reports';
			import { deliveryReportRequest, parseResponse } from 'mm7-delivery-reports/testing';
			const save = () => new Promise((_, reject) => setTimeout(() => reject(new Error('the database is down')), 1_000));
			const app = express().use('/mm7', mm7DeliveryReports(${handler}, { onExchange() {} }));
			const server = app.listen(0, '127.0.0.1', async () => {
				const response = await fetch('http://127.0.0.1:' + server.address().port + '/mm7', deliveryReportRequest());
				console.log(parseResponse(await response.text()).statusCode);
				server.close().closeAllConnections();
			});`;
		const missing = runProgram('module', program('async () => { save(); }'));
		expect(missing).to.include({ status: 1, stdout: '1000\n' });
		expect(missing.stderr).to.include('the database is down');
		expect(runProgram('module', program('async () => { await save(); }'))).to.include({ status: 0, stdout: '4006\n' });
	});

	it('is right about a proxy that is not trusted', async () => {
		const { headers, body } = deliveryReportRequest({}, { headers: { 'X-Forwarded-For': '192.0.2.7' } });
		const exchanges = new Exchanges();
		const application = app(undefined, { allowFrom: '192.0.2.0/24', onExchange: exchanges.add });
		await request(application).post('/mm7').set(headers).send(body).expect(403);
		expect((await exchanges.number(1)).error?.message)
			.to.include('192.0.2.7')
			.and.to.include('trust proxy');
		application.set('trust proxy', 'loopback');
		await request(application).post('/mm7').set(headers).send(body).expect(200);
	});

	const sinch = deliveryReportRequest({}, { form: 'bare' });
	const xml = Buffer.from(sinch.body);
	const plain = post(xml);
	const replaced = (from: string, to: string) => plain.toString().replace(from, to);
	const chunk = `${xml.length.toString(16)}\r\n${xml}\r\n0\r\n\r\n`;
	for (const [what, bytes, option] of [
		['a folded Content-Type', replaced('text/xml; ', 'text/xml;\r\n '), { insecureHTTPParser: true }],
		['lines that end in LF', plain.toString().replaceAll('\r\n', '\n'), { insecureHTTPParser: true }],
		[
			'both lengths',
			replaced('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n').replace(String(xml), chunk),
			{ insecureHTTPParser: true },
		],
		['no Host', replaced('Host: 127.0.0.1\r\n', ''), { requireHostHeader: false }],
		['more bytes than announced', `${plain}${'-'.repeat(45)}`, undefined],
		['two lengths', replaced('\r\n\r\n', `\r\nContent-Length: ${xml.length}\r\n\r\n`), undefined],
	] as const) {
		it(`is right about ${what}: a bare 400, and ${JSON.stringify(option ?? 'no option that helps')}`, async () => {
			const statusWith = async (options: ServerOptions) => {
				const { port } = await listen(app(), options);
				return (await new Connection(port).write(bytes).responses())[0]?.status;
			};
			expect(await statusWith({})).to.equal(400);
			const options = option ?? { insecureHTTPParser: true, requireHostHeader: false };
			expect(await statusWith(options)).to.equal(option ? 200 : 400);
		});
	}

	it('is right about an Expect header that Node.js does not support', async () => {
		const application = app();
		const { port, server } = await listen(application);
		const statusOf = async () =>
			(await new Connection(port).write(post(xml, { Expect: 'a-response' })).responses())[0]?.status;
		expect(await statusOf()).to.equal(417);
		server.on('checkExpectation', application);
		expect(await statusOf()).to.equal(200);
	});

	for (const [client, sent, headers] of [
		[
			'compresses, and announces the uncompressed length',
			gzipSync(xml),
			{ 'Content-Length': String(xml.length), 'Content-Encoding': 'gzip' },
		],
		['sends the example of Sinch unchanged', xml, { 'Content-Length': '2546' }],
	] as const) {
		it(`is right about a client that ${client}`, async () => {
			const exchanges = new Exchanges();
			const { port } = await listen(app(undefined, { bodyTimeout: 50, onExchange: exchanges.add }));
			const [response] = await new Connection(port).write(post(sent, { ...sinch.headers, ...headers })).responses();
			expect(response).to.include({ status: 408 });
			expect((await exchanges.number(1)).error).to.include({ code: 'ERR_MM7_BODY_TIMEOUT' });
		});
	}

	it('is right about Sinch: the same example is accepted with the right length', async () => {
		const { status, text } = await request(app()).post('/mm7').set(sinch.headers).send(xml.toString());
		expect(judgeAsSinch({ status, body: text }, '20260001')).to.include({ verdict: 'accepted' });
	});
});
