import zlib from 'node:zlib';
import bodyParser from 'body-parser';
import { expect } from 'chai';
import express from 'express';
import request from 'supertest';
import type { DeliveryReport } from '../../lib/index.js';
import { readAnswer } from '../support/answer.js';
import { multipart, reportXml } from '../support/report.js';
import { app, Connection, Exchanges, listen, post, stopServers } from '../support/server.js';

describe('Content-Encoding', () => {
	afterEach(stopServers);

	const xml = Buffer.from(reportXml());
	const gzip = zlib.gzipSync(xml);
	const { headers: mimeHeaders, body: mime } = multipart(reportXml());

	const READ: Record<string, { labels: readonly (string | undefined)[]; bytes: Buffer; type?: string }> = {
		XML: {
			labels: [
				...[undefined, '', 'identity', 'none', '7bit', '8bit', 'Binary', 'base64', 'quoted-printable', 'utf8', 'UTF-8'],
				...['iso-8859-1', 'us-ascii', 'windows-1252', 'text/xml', 'gzip', 'gzip, deflate', 'deflate', 'br', 'zstd'],
				...['compress', '*', 'null', '"gzip"', ';'],
			],
			bytes: xml,
		},
		'XML in UTF-16': { labels: ['gzip', 'utf-16'], bytes: Buffer.from(reportXml(), 'utf16le') },
		'XML after a byte order mark': { labels: ['gzip', 'utf8'], bytes: Buffer.from(`\ufeff${reportXml()}`) },
		MIME: { labels: ['gzip', 'utf8'], bytes: mime, type: mimeHeaders['Content-Type'] ?? '' },
		'MIME after a preamble': {
			labels: ['deflate', 'br', 'utf8'],
			bytes: Buffer.concat([Buffer.from('This is MIME\r\n'), mime]),
			type: mimeHeaders['Content-Type'] ?? '',
		},
		gzip: {
			labels: [
				undefined,
				'gzip',
				'x-gzip',
				'GZIP',
				'"gzip"',
				'gzip;',
				'gzip, gzip',
				'gzip, identity',
				'deflate',
				'br',
				'utf-8',
			],
			bytes: gzip,
		},
		'gzip in gzip': { labels: ['gzip, gzip', 'gzip'], bytes: zlib.gzipSync(gzip) },
		'gzip of MIME after a preamble': {
			labels: ['gzip', undefined],
			bytes: zlib.gzipSync(Buffer.concat([Buffer.from('This is MIME\r\n'), mime])),
			type: mimeHeaders['Content-Type'] ?? '',
		},
		'gzip in two members': {
			labels: ['gzip'],
			bytes: Buffer.concat([zlib.gzipSync(xml.subarray(0, 99)), zlib.gzipSync(xml.subarray(99))]),
		},
		'gzip before a line break': { labels: ['gzip', undefined], bytes: Buffer.concat([gzip, Buffer.from('\r\n')]) },
		'gzip before one byte': { labels: ['gzip'], bytes: Buffer.concat([gzip, Buffer.from('\n')]) },
		'gzip before zeros': { labels: ['gzip'], bytes: Buffer.concat([gzip, Buffer.alloc(100)]) },
		zlib: { labels: ['deflate', 'gzip', undefined, 'x-deflate', 'utf-8'], bytes: zlib.deflateSync(xml) },
		'zlib before a line break': {
			labels: ['deflate'],
			bytes: Buffer.concat([zlib.deflateSync(xml), Buffer.from('\r\n')]),
		},
		'raw deflate': { labels: ['deflate', 'gzip'], bytes: zlib.deflateRawSync(xml) },
		brotli: { labels: ['br', 'gzip, br', 'BR'], bytes: zlib.brotliCompressSync(xml) },
		'brotli before a line break': {
			labels: ['br'],
			bytes: Buffer.concat([zlib.brotliCompressSync(xml), Buffer.from('\r\n')]),
		},
		'brotli of gzip': { labels: ['gzip, br'], bytes: zlib.brotliCompressSync(gzip) },
	};
	for (const [what, { labels, bytes, type }] of Object.entries(READ)) {
		for (const label of labels) {
			it(`reads ${what}, labeled ${label}`, async () => {
				const { port } = await listen(app());
				const headers = { 'Content-Encoding': label, ...(type !== undefined && { 'Content-Type': type }) };
				const [response] = await new Connection(port).write(post(bytes, headers)).answers();
				expect(readAnswer(response?.body ?? '')).to.include({ statusCode: 1000, transactionId: '20260001' });
			});
		}
	}

	it('reads gzip whose header is there twice', async () => {
		const { port } = await listen(app());
		const head = post(gzip)
			.toString('latin1')
			.replace('\r\n', '\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\n');
		const [response] = await new Connection(port).write(Buffer.from(head, 'latin1')).answers();
		expect(response?.status).to.equal(200);
	});

	it('reads gzip that an earlier middleware left in req.body', async () => {
		const application = express().use(bodyParser.raw({ type: () => true }), app());
		const { port } = await listen(application);
		const [response] = await new Connection(port).write(post(gzip)).answers();
		expect(response?.status).to.equal(200);
	});

	it('rejects compression that it does not know with 415, and with the TransactionID if it is legible', async () => {
		const { port } = await listen(app());
		const unknown = Buffer.from('1f9d90789ca1', 'hex');
		for (const [bytes, transactionId] of [
			[unknown, undefined],
			[Buffer.concat([unknown, xml]), '20260001'],
		] as const) {
			const [response] = await new Connection(port).write(post(bytes, { 'Content-Encoding': 'compress' })).answers();
			expect(response?.status).to.equal(415);
			const read = readAnswer(response?.body ?? '');
			expect(read).to.include({ faultCode: 'Client', statusCode: 2007 });
			expect(read.transactionId).to.equal(transactionId);
		}
	});

	it('rejects what no label calls compressed and no step can read as MIME', async () => {
		for (const label of [undefined, 'identity']) {
			const exchanges = new Exchanges();
			const { port } = await listen(app(undefined, { onExchange: exchanges.add }));
			await new Connection(port).write(post(Buffer.from('1f9d90', 'hex'), { 'Content-Encoding': label })).answers();
			expect((await exchanges.number(1)).error?.code).to.equal('ERR_MM7_MIME');
		}
	});

	const DAMAGED: Record<string, [string, Buffer]> = {
		'gzip with other bytes in it': ['gzip', Buffer.concat([gzip.subarray(0, 20), Buffer.alloc(20), gzip.subarray(40)])],
		'gzip without its end': ['gzip', gzip.subarray(0, -20)],
		'gzip without its checksum': ['gzip', gzip.subarray(0, -8)],
		'gzip with another checksum': ['gzip', Buffer.concat([gzip.subarray(0, -8), Buffer.alloc(8, 1)])],
		'gzip with another checksum, before a line break': [
			'gzip',
			Buffer.concat([gzip.subarray(0, -8), Buffer.alloc(8, 1), Buffer.from('\r\n')]),
		],
		'the beginning of a gzip header': ['gzip', Buffer.from('1f8b080c', 'hex')],
		'zlib without its end': ['gzip', zlib.deflateSync(xml).subarray(0, -20)],
		'brotli without its end': ['br', zlib.brotliCompressSync(xml).subarray(0, -20)],
	};
	for (const [what, [label, bytes]] of Object.entries(DAMAGED)) {
		it(`rejects ${what} with a fault of the client`, async () => {
			const exchanges = new Exchanges();
			const { port } = await listen(app(undefined, { onExchange: exchanges.add }));
			const [response] = await new Connection(port).write(post(bytes, { 'Content-Encoding': label })).answers();
			expect(response?.status).to.equal(500);
			expect((await exchanges.number(1)).error?.code).to.equal('ERR_MM7_BODY_CORRUPT');
		});
	}

	it('rejects a body that inflates to more than a hundred times its size', async () => {
		const exchanges = new Exchanges();
		const { port } = await listen(app(undefined, { onExchange: exchanges.add }));
		const small = zlib.gzipSync(Buffer.concat([xml, Buffer.alloc(200_000, ' ')]));
		const [response] = await new Connection(port).write(post(small)).answers();
		expect(response?.status).to.equal(413);
		expect((await exchanges.number(1)).error?.detail).to.equal('more than 100 times its compressed size');
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
