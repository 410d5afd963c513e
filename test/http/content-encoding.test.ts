import zlib from 'node:zlib';
import { expect } from 'chai';
import type express from 'express';
import request from 'supertest';
import type { DeliveryReport } from '../../lib/index.js';
import { readAnswer } from '../support/answer.js';
import { reportXml } from '../support/report.js';
import { app, Connection, Exchanges, listen, post, stopServers } from '../support/server.js';

describe('Content-Encoding', () => {
	afterEach(stopServers);

	for (const [name, bytes] of [
		['gzip', zlib.gzipSync(reportXml())],
		['x-gzip', zlib.gzipSync(reportXml())],
		['GZIP', zlib.gzipSync(reportXml())],
		['deflate', zlib.deflateSync(reportXml())],
		['br', zlib.brotliCompressSync(reportXml())],
		// without the header and the checksum of zlib
		['deflate', zlib.deflateRawSync(reportXml())],
		// by a gateway that inflated the body and left the header
		['gzip', Buffer.from(reportXml())],
		['deflate', Buffer.from(reportXml())],
		['br', Buffer.from(reportXml())],
		['identity', Buffer.from(reportXml())],
		['7bit', Buffer.from(reportXml())],
		['8bit', Buffer.from(reportXml())],
		['Binary', Buffer.from(reportXml())],
		['', Buffer.from(reportXml())],
	] as const) {
		it(`reads "${name}" in ${bytes.length} bytes`, async () => {
			const { port } = await listen(app());
			const connection = new Connection(port).write(post(bytes, { 'Content-Encoding': name }));
			expect((await connection.answers())[0]?.status).to.equal(200);
		});
	}

	it('answers what it cannot inflate with 415', async () => {
		const answer = await request(app())
			.post('/mm7')
			.type('xml')
			.set('Content-Encoding', 'compress')
			.send(reportXml())
			.expect(415);
		expect(readAnswer(answer.text)).to.include({ faultCode: 'env:Client', statusCode: '2007' });
	});

	it('answers damaged gzip with a fault of the client', async () => {
		const exchanges = new Exchanges();
		const damaged = zlib.gzipSync(reportXml());
		damaged.fill(0, 20);
		const application = app(undefined, { onExchange: exchanges.add });
		await request(application).post('/mm7').set('Content-Encoding', 'gzip').send(damaged).expect(500);
		expect((await exchanges.number(1)).error?.code).to.equal('ERR_MM7_BODY_CORRUPT');
	});

	it('leaves the inflated body to later middlewares', async () => {
		let seen: unknown;
		const application = app((_report, req: express.Request) => {
			seen = req.body;
		});
		const send = request(application).post('/mm7').set('Content-Encoding', 'gzip');
		await send.send(zlib.gzipSync(reportXml())).expect(200);
		expect(String(seen)).to.equal(reportXml());
	});

	it('makes no header that the request did not have', async () => {
		const seen: string[] = [];
		const handler = (_: DeliveryReport, req: express.Request) => void seen.push(...Object.keys(req.headers));
		await request(app(handler)).post('/mm7').type('xml').send(reportXml()).expect(200);
		expect(seen).not.to.be.empty.and.not.to.include('content-encoding');
	});

	it('leaves the header as it was for later middlewares', async () => {
		let seen: string | undefined;
		const application = app((_report, req) => {
			seen = req.headers['content-encoding'];
		});
		await request(application).post('/mm7').set('Content-Encoding', '8bit').send(reportXml()).expect(200);
		expect(seen).to.equal('8bit');
	});
});
