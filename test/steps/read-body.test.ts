import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import zlib from 'node:zlib';
import bodyParser from 'body-parser';
import { expect } from 'chai';
import express from 'express';
import { encode } from 'iconv-lite';
import { generate } from 'selfsigned';
import request from 'supertest';
import { parseStringPromise } from 'xml2js';
import { type Exchange, mm7DeliveryReports, type Options } from '../../lib/index.js';
import { bodyReader } from '../../lib/steps/read-body.js';
import { multipart, reportXml } from '../support/report.js';
import { readResponse } from '../support/response.js';
import { app, Connection, EXPRESS, Exchanges, listen, post, stopServers } from '../support/server.js';

/** A report of at least that many bytes. */
const padded = (bytes: number) => `${reportXml()}<!--${' '.repeat(bytes)}-->`;

type Http2Listener = (req: http2.Http2ServerRequest, res: http2.Http2ServerResponse) => void;

async function secureServer(onRequest: Http2Listener): Promise<http2.Http2SecureServer> {
	const { private: key, cert } = await generate();
	return http2.createSecureServer({ key, cert, allowHTTP1: true }, onRequest);
}

describe('request body', () => {
	afterEach(stopServers);

	const CHUNKED = { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' };
	const send = (options: Options, xml = reportXml()) =>
		request(app(undefined, options)).post('/mm7').type('xml').send(xml);

	/** Sends a request on a connection that is not kept open; returns the response and the error. */
	async function responseTo(options: Options, ...pieces: (string | Buffer)[]) {
		const exchanges = new Exchanges();
		const { port } = await listen(app(undefined, { ...options, onExchange: exchanges.add }));
		const connection = new Connection(port);
		for (const piece of pieces) connection.write(piece);
		const [response] = await connection.responses();
		if (response?.headers['connection'] === 'close') await connection.end();
		return { response, read: readResponse(response?.body ?? ''), error: (await exchanges.number(1)).error };
	}

	describe('limits.body', () => {
		it('rejects a larger Content-Length with 413 at once, and closes the connection', async () => {
			const { response, read, error } = await responseTo({}, post('', { 'Content-Length': '1048577' }));
			expect(response?.status).to.equal(413);
			expect(response?.headers).to.include({ connection: 'close' });
			expect(read).to.include({ faultCode: 'Client', statusCode: 2007 });
			expect(error).to.include({ code: 'ERR_MM7_BODY_TOO_LARGE', detail: 'more than 1048576 bytes' });
		});

		it('rejects a larger chunked upload with 413 before it ends', async () => {
			const chunks = Array(11).fill(`3e8\r\n${' '.repeat(1000)}\r\n`);
			const { response, error } = await responseTo({ limits: { body: 10_000 } }, post('', CHUNKED), ...chunks);
			expect(response?.status).to.equal(413);
			expect(error).to.include({ code: 'ERR_MM7_BODY_TOO_LARGE', detail: 'more than 10000 bytes' });
		});

		it('accepts a body of exactly the limit', async () => {
			const xml = reportXml();
			const body = Buffer.byteLength(xml);
			await send({ limits: { body } }).expect(200);
			await send({ limits: { body: body - 1 } }).expect(413);
			const chunk = `${body.toString(16)}\r\n${xml}\r\n0\r\n\r\n`;
			expect((await responseTo({ limits: { body } }, post('', CHUNKED), chunk)).response?.status).to.equal(200);
		});

		for (const [name, compress] of [
			['gzip', zlib.gzipSync],
			['deflate', zlib.deflateSync],
			['br', zlib.brotliCompressSync],
		] as const) {
			it(`applies to the inflated body of ${name}`, async () => {
				const bomb = compress(Buffer.from(padded(20_000_000)));
				expect(bomb.length).to.be.below(100_000);
				const { response, read } = await responseTo({}, post(bomb, { 'Content-Encoding': name }));
				expect(response?.status).to.equal(413);
				expect(read).to.include({ statusCode: 2007 });
			});
		}
	});

	describe('bodyTimeout', () => {
		it('rejects a slow body with 408 and closes the connection', async () => {
			const slow = [post('', { 'Content-Length': '1000' }), '<?xml'];
			const { response, read, error } = await responseTo({ bodyTimeout: 30 }, ...slow);
			expect(response?.status).to.equal(408);
			expect(response?.headers).to.include({ connection: 'close' });
			expect(read).to.include({ statusCode: 4006 });
			expect(error?.code).to.equal('ERR_MM7_BODY_TIMEOUT');
		});

		it('rejects a body that has arrived but that an earlier middleware has paused', async () => {
			const paused = express();
			paused.use((req, _res, next) => {
				req.pause();
				// its bytes have arrived by then
				setImmediate(() => next());
			});
			paused.use(
				'/mm7',
				mm7DeliveryReports(() => undefined, { bodyTimeout: 30 }),
			);
			const { port } = await listen(paused);
			const [response] = await new Connection(port).write(post(reportXml())).responses();
			expect(response?.status).to.equal(408);
		});

		it('does not include the time of the handler', async () => {
			const handler = async () => {
				await once(AbortSignal.timeout(60), 'abort');
			};
			await request(app(handler, { bodyTimeout: 30 }))
				.post('/mm7')
				.type('xml')
				.send(reportXml())
				.expect(200);
		});
	});

	for (const [name, headers] of [
		['a body', {}],
		['a compressed body', { 'Content-Encoding': 'gzip' }],
		['a chunked body', CHUNKED],
	] as const) {
		it(`sends no response to a client that disconnects in the middle of ${name}`, async () => {
			const exchanges = new Exchanges();
			const { port, server } = await listen(app(undefined, { onExchange: exchanges.add }));
			const connection = new Connection(port).write(post('', { 'Content-Length': '1000', ...headers }));
			await once(server, 'request');
			connection.socket.destroy();
			const exchange = await exchanges.number(1);
			expect(exchange.error).to.include({ code: 'ERR_MM7_ABORTED', detail: undefined });
			expect(exchange).to.include({ httpStatus: undefined, statusCode: undefined });
		});
	}

	for (const [name, ...pieces] of [
		['an empty body', post('')],
		['no body', post('', { 'Content-Length': undefined })],
		['an empty chunked body', post('', CHUNKED), '0\r\n\r\n'],
	] as const) {
		it(`rejects ${name}`, async () => {
			const { response, read, error } = await responseTo({}, ...pieces);
			expect(response?.status).to.equal(500);
			expect(read).to.include({ faultCode: 'Client', statusCode: 2007, faultText: 'The request has no body' });
			expect(error?.code).to.equal('ERR_MM7_BODY_EMPTY');
		});
	}

	it('rejects a body whose length differs from its Content-Length, as some cloud platforms pass it', async () => {
		const headers = { 'content-length': '5' };
		const req = Object.assign(Readable.from([Buffer.from('abc')]), { headers }) as unknown as IncomingMessage;
		const read = bodyReader({ limits: { body: 100 }, bodyTimeout: 1000 })(req, {} as ServerResponse);
		const error = await read.catch((reason: unknown) => reason);
		expect(error).to.include({ code: 'ERR_MM7_BODY_CORRUPT', detail: undefined });
		expect(req.headers).to.deep.equal(headers);
	});

	describe('over HTTP/2', () => {
		let exchanges: Exchanges;
		let close: (() => void) | undefined;
		beforeEach(() => {
			exchanges = new Exchanges();
		});
		afterEach(() => close?.());

		/** Sends a body, no body, or (`null`) one that never ends. Only `headers` can set a Content-Length. */
		async function exchange(
			body: string | Buffer | null | undefined,
			headers: http2.OutgoingHttpHeaders = {},
			options: Options<IncomingMessage> = {},
			earlier: (req: http2.Http2ServerRequest) => Promise<unknown> = async () => undefined,
		) {
			const receive = mm7DeliveryReports<IncomingMessage>(() => undefined, { onExchange: exchanges.add, ...options });
			const onRequest: Http2Listener = (req, res) =>
				earlier(req).then(() =>
					receive(req as unknown as IncomingMessage, res as unknown as ServerResponse, () => res.end()),
				);
			const isSecure = headers[':scheme'] === 'https';
			const server = isSecure ? await secureServer(onRequest) : http2.createServer(onRequest);
			server.listen(0, '127.0.0.1');
			await once(server, 'listening');
			const { port } = server.address() as AddressInfo;
			const url = `http${isSecure ? 's' : ''}://127.0.0.1:${port}`;
			const session = http2.connect(url, { rejectUnauthorized: false });
			close = () => {
				session.destroy();
				server.close();
			};
			const stream = session.request(
				{ ':method': 'POST', ':path': '/', ...headers },
				{ endStream: body === undefined },
			);
			if (body === null) stream.write('<?xml');
			else if (body !== undefined) stream.end(body);
			const [{ ':status': status }] = await once(stream, 'response');
			return { status, response: readResponse(await text(stream)) };
		}

		for (const [what, headers] of [
			['in clear text', {}],
			['in clear text, with a Content-Length', { 'content-length': Buffer.byteLength(reportXml()) }],
			['over TLS, on a server that speaks HTTP/1.1 too', { ':scheme': 'https' }],
		] as const) {
			it(`reads a body ${what}`, async () => {
				const { status, response } = await exchange(reportXml(), headers);
				expect(status).to.equal(200);
				expect(response).to.include({ transactionId: '20260001', statusCode: 1000 });
				expect(await exchanges.number(1)).to.include({ httpStatus: 200, error: undefined });
			});
		}

		it('reads a compressed body and leaves the headers unchanged', async () => {
			const seen: unknown[] = [];
			const onExchange = (_: Exchange, req: IncomingMessage) => void seen.push(Object.keys(req.headers));
			const { status } = await exchange(zlib.gzipSync(reportXml()), { 'content-encoding': 'gzip' }, { onExchange });
			expect(status).to.equal(200);
			expect(seen).to.deep.equal([[':method', ':path', ':authority', ':scheme', 'content-encoding']]);
		});

		it('reports a request without a body', async () => {
			for (const body of ['', undefined]) {
				expect((await exchange(body)).status).to.equal(500);
				expect(exchanges.all.at(-1)?.error?.code).to.equal('ERR_MM7_BODY_EMPTY');
				close?.();
			}
		});

		it('reports a body that an earlier middleware consumed', async () => {
			await exchange(reportXml(), {}, {}, (req) => once(req.resume(), 'end'));
			expect(exchanges.all[0]?.error?.code).to.equal('ERR_MM7_BODY_CONSUMED');
		});

		it('rejects a body that is over the limit or arrives too slowly', async () => {
			const warnings: string[] = [];
			const onWarning = ({ name }: Error) => void warnings.push(name);
			process.on('warning', onWarning);
			expect((await exchange(padded(2000), {}, { limits: { body: 1000 } })).status).to.equal(413);
			close?.();
			expect((await exchange(null, {}, { bodyTimeout: 30 })).status).to.equal(408);
			process.off('warning', onWarning);
			expect(warnings).not.to.include('UnsupportedWarning');
		});
	});

	for (const [name, express_] of Object.entries(EXPRESS)) {
		describe(`consumed by an earlier middleware, in ${name}`, () => {
			/** Sends a report through an earlier middleware. */
			const after = async (
				earlier: express.RequestHandler,
				xml: string | Buffer = reportXml(),
				headers: Record<string, string> = {},
				options: Options = {},
			) => {
				const exchanges = new Exchanges();
				const receive = mm7DeliveryReports(() => undefined, { onExchange: exchanges.add, ...options });
				const application = express_().use(earlier).use('/mm7', receive);
				await request(application)
					.post('/mm7')
					.type('xml')
					.set(headers)
					.send(xml as string);
				const { error, report } = await exchanges.number(1);
				return { error, code: error?.code, report };
			};
			/** A text parser whose text is then transformed. */
			const parsed =
				(use: (req: express.Request) => unknown): express.RequestHandler =>
				(req, res, next) =>
					bodyParser.text({ type: () => true })(req, res, () => Promise.resolve(use(req)).then(() => next()));
			const raw = bodyParser.raw({ type: () => true });

			it('uses a Buffer in req.body', async () => {
				const { headers, body } = multipart(reportXml());
				const { report } = await after(raw, body, headers);
				expect(report?.messageId).to.equal('480000000000000001');
			});

			it('uses a string in req.body, whatever the original charset', async () => {
				for (const [charset, text] of [
					['ISO-8859-1', 'Zugestellt für Zoë'],
					['IBM866', 'там'],
				] as const) {
					const elements = { StatusText: text };
					const xml = encode(`\r\n${reportXml({ elements }).replace('UTF-8', charset)}\r\n`, charset);
					const { report } = await after(
						parsed(() => undefined),
						xml,
						{ 'Content-Type': `text/xml; charset=${charset}` },
					);
					expect(report?.statusText).to.equal(text);
				}
			});

			it('uses a string with a MIME body in req.body', async () => {
				const { headers, body } = multipart(reportXml());
				const { report } = await after(
					parsed(() => undefined),
					body,
					headers,
				);
				expect(report?.messageId).to.equal('480000000000000001');
			});

			it('uses req.rawBody next to a parsed body, as cloud functions leave it', async () => {
				for (const bytes of [(text: string) => Buffer.from(text), (text: string) => text]) {
					const platform = parsed((req) => Object.assign(req, { rawBody: bytes(req.body), body: { parsed: true } }));
					expect((await after(platform)).report?.messageId).to.equal('480000000000000001');
				}
			});

			it('reads the stream if the parser skipped the request', async () => {
				expect((await after(bodyParser.json())).report?.messageId).to.equal('480000000000000001');
			});

			it('applies the limit', async () => {
				const body = Buffer.byteLength(reportXml());
				expect((await after(raw, undefined, {}, { limits: { body } })).code).to.equal(undefined);
				expect((await after(raw, undefined, {}, { limits: { body: body - 1 } })).code).to.equal(
					'ERR_MM7_BODY_TOO_LARGE',
				);
			});

			it('reports an empty body', async () => {
				for (const earlier of [raw, parsed(() => undefined)]) {
					expect((await after(earlier, '')).code).to.equal('ERR_MM7_BODY_EMPTY');
				}
			});

			const CONSUMED: Record<string, express.RequestHandler> = {
				'nothing is left': (req, _res, next) => void req.resume().once('end', () => next()),
				'only the tree of an XML parser is left': parsed(async (req) => {
					req.body = await parseStringPromise(req.body);
				}),
				'only the fields of a form are left': bodyParser.urlencoded({ extended: false, type: () => true }),
				'req.setEncoding was called': (req, _res, next) => {
					req.setEncoding('utf8');
					next();
				},
			};
			for (const [what, earlier] of Object.entries(CONSUMED)) {
				it(`reports a consumed body, and the line to move, if ${what}`, async () => {
					const { error } = await after(earlier);
					expect(error).to.include({ code: 'ERR_MM7_BODY_CONSUMED', statusCode: 4006 });
					expect(error?.message).to.include('before app.use(express.json()), XML parsers');
				});
			}
		});
	}
});
