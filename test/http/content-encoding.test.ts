import zlib from 'node:zlib';
import bodyParser from 'body-parser';
import { expect } from 'chai';
import express from 'express';
import { multipart, reportXml } from '../support/report.js';
import { readResponse } from '../support/response.js';
import { app, Connection, Exchanges, listen, post, stopServers } from '../support/server.js';

type Label = string | undefined;

const XML = Buffer.from(reportXml());
const GZIP = zlib.gzipSync(XML);
const ZLIB = zlib.deflateSync(XML);
const BROTLI = zlib.brotliCompressSync(XML);
const LINE_BREAK = Buffer.from('\r\n');
/** The beginning of a file of compress(1), which the receiver does not know. */
const UNKNOWN = Buffer.from('1f9d90789ca1', 'hex');

const { headers: MIME_HEADERS, body: MIME } = multipart(reportXml());
const MIME_AFTER_PREAMBLE = Buffer.concat([Buffer.from('This is MIME\r\n'), MIME]);

/** Sends a body with a Content-Encoding and returns the response. */
async function respond(bytes: Buffer, label: Label, type?: string | undefined) {
	const exchanges = new Exchanges();
	const { port } = await listen(app(undefined, { onExchange: exchanges.add }));
	const headers = { 'Content-Encoding': label, ...(type !== undefined && { 'Content-Type': type }) };
	const [response] = await new Connection(port).write(post(bytes, headers)).responses();
	const { error } = await exchanges.number(1);
	return { status: response?.status, response: readResponse(response?.body ?? ''), error };
}

describe('Content-Encoding', () => {
	afterEach(stopServers);

	const READ: readonly (readonly [what: string, bytes: Buffer, labels: readonly Label[], type?: string | undefined])[] =
		[
			['XML', XML, [undefined, '', 'Binary', 'base64', 'UTF-8', 'text/xml', 'gzip, deflate', 'br', 'zstd', '*', ';']],
			['XML in UTF-16', Buffer.from(reportXml(), 'utf16le'), ['gzip', 'utf-16']],
			['XML after a byte order mark', Buffer.from(`\ufeff${reportXml()}`), ['gzip', 'utf8']],
			['MIME', MIME, ['gzip', 'utf8'], MIME_HEADERS['Content-Type']],
			['MIME after a preamble', MIME_AFTER_PREAMBLE, ['deflate', 'br'], MIME_HEADERS['Content-Type']],
			['gzip', GZIP, [undefined, 'x-gzip', '"GZIP";', 'gzip, identity', 'br', 'utf-8']],
			['gzip in gzip', zlib.gzipSync(GZIP), ['gzip, gzip', 'gzip']],
			['gzip of MIME', zlib.gzipSync(MIME_AFTER_PREAMBLE), ['gzip', undefined], MIME_HEADERS['Content-Type']],
			[
				'gzip in two members',
				Buffer.concat([XML.subarray(0, 99), XML.subarray(99)].map((b) => zlib.gzipSync(b))),
				['gzip'],
			],
			['gzip before CR LF', Buffer.concat([GZIP, LINE_BREAK]), ['gzip', undefined]],
			['gzip before LF', Buffer.concat([GZIP, Buffer.from('\n')]), ['gzip']],
			['gzip before zeros', Buffer.concat([GZIP, Buffer.alloc(100)]), ['gzip']],
			['zlib', ZLIB, [undefined, 'deflate', 'gzip', 'utf-8']],
			['zlib before CR LF', Buffer.concat([ZLIB, LINE_BREAK]), ['deflate']],
			['raw deflate', zlib.deflateRawSync(XML), ['deflate', 'X-Deflate', 'gzip']],
			['brotli', BROTLI, ['BR', 'gzip, br']],
			['brotli before CR LF', Buffer.concat([BROTLI, LINE_BREAK]), ['br']],
			['brotli of gzip', zlib.brotliCompressSync(GZIP), ['gzip, br']],
		];
	for (const [what, bytes, labels, type] of READ) {
		for (const label of labels) {
			it(`reads ${what}, labeled ${label}`, async () => {
				expect((await respond(bytes, label, type)).response).to.include({
					statusCode: 1000,
					transactionId: '20260001',
				});
			});
		}
	}

	it('reads gzip if the Content-Encoding header is sent twice', async () => {
		const twice = 'gzip\r\nContent-Encoding: gzip';
		expect((await respond(GZIP, twice)).status).to.equal(200);
	});

	it('reads gzip that an earlier middleware left in req.body', async () => {
		const { port } = await listen(express().use(bodyParser.raw({ type: () => true }), app()));
		const [response] = await new Connection(port).write(post(GZIP)).responses();
		expect(response?.status).to.equal(200);
	});

	const otherChecksum = Buffer.concat([GZIP.subarray(0, -8), Buffer.alloc(8, 1)]);
	for (const [what, label, bytes] of [
		['gzip with other bytes in it', 'gzip', Buffer.concat([GZIP.subarray(0, 20), Buffer.alloc(20), GZIP.subarray(40)])],
		['gzip without its end', 'gzip', GZIP.subarray(0, -20)],
		['gzip without its checksum', 'gzip', GZIP.subarray(0, -8)],
		['gzip with another checksum', 'gzip', otherChecksum],
		['gzip with another checksum, before CR LF', 'gzip', Buffer.concat([otherChecksum, LINE_BREAK])],
		['the beginning of a gzip header', 'gzip', Buffer.from('1f8b080c', 'hex')],
		['zlib without its end', 'gzip', ZLIB.subarray(0, -20)],
		['brotli without its end', 'br', BROTLI.subarray(0, -20)],
	] as const) {
		it(`rejects ${what}`, async () => {
			const { status, error } = await respond(bytes, label);
			expect([status, error?.code]).to.deep.equal([500, 'ERR_MM7_BODY_CORRUPT']);
		});
	}

	it('rejects unknown compression with 415, and repeats the TransactionID if it is readable', async () => {
		for (const [bytes, transactionId] of [
			[UNKNOWN, undefined],
			[Buffer.concat([UNKNOWN, XML]), '20260001'],
		] as const) {
			const { status, response } = await respond(bytes, 'compress');
			expect(status).to.equal(415);
			expect(response).to.include({ faultCode: 'Client', statusCode: 2007, transactionId });
		}
	});

	for (const label of [undefined, 'identity']) {
		it(`leaves unknown bytes labeled ${label} to the step that splits MIME`, async () => {
			expect((await respond(UNKNOWN, label)).error?.code).to.equal('ERR_MM7_MIME');
		});
	}

	it('rejects a body that inflates to more than a hundred times its size', async () => {
		const { status, error } = await respond(zlib.gzipSync(Buffer.concat([XML, Buffer.alloc(200_000, ' ')])), 'gzip');
		expect(status).to.equal(413);
		expect(error?.detail).to.equal('more than 100 times its compressed size');
	});

	for (const [label, bytes] of [
		['gzip', GZIP],
		['8bit', XML],
		[undefined, XML],
	] as const) {
		it(`leaves the readable body and the header ${label} to later middleware`, async () => {
			const seen: unknown[] = [];
			const handler = (_report: unknown, { body, headers }: express.Request) => {
				seen.push(
					String(body),
					Object.entries(headers).filter(([name]) => name === 'content-encoding'),
				);
			};
			const { port } = await listen(app(handler));
			await new Connection(port).write(post(bytes, { 'Content-Encoding': label })).responses();
			expect(seen).to.deep.equal([reportXml(), label === undefined ? [] : [['content-encoding', label]]]);
		});
	}
});
