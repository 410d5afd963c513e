import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import zlib from 'node:zlib';
import bodyParser from 'body-parser';
import { expect } from 'chai';
import express from 'express';
import { generate } from 'selfsigned';
import request from 'supertest';
import { Parser } from 'xml2js';
import { type DeliveryReport, type Exchange, mm7DeliveryReports, type Options } from '../../lib/index.js';
import { readAnswer } from '../support/answer.js';
import { multipart, reportXml } from '../support/report.js';
import { app, Connection, EXPRESS, Exchanges, listen, post, stopServers } from '../support/server.js';

/** A report of at least that many bytes. */
const padded = (bytes: number) => `${reportXml()}<!--${' '.repeat(bytes)}-->`;

type Http2Listener = (req: http2.Http2ServerRequest, res: http2.Http2ServerResponse) => void;

async function secureServer(onRequest: Http2Listener): Promise<http2.Http2SecureServer> {
	const { private: key, cert } = await generate();
	return http2.createSecureServer({ key, cert, allowHTTP1: true }, onRequest);
}

describe('body', () => {
	afterEach(stopServers);

	describe('limits.body', () => {
		it('answers a Content-Length over it with 413 at once and closes the connection', async () => {
			const exchanges = new Exchanges();
			const { port } = await listen(app(undefined, { onExchange: exchanges.add }));
			const connection = new Connection(port).write(post('', { 'Content-Length': '1048577' }));
			const [answer] = await connection.answers();
			expect(answer?.status).to.equal(413);
			expect(answer?.headers).to.include({ connection: 'close' });
			expect(readAnswer(answer?.body ?? '')).to.include({ faultCode: 'Client', statusCode: 2007 });
			await connection.end();
			expect((await exchanges.number(1)).error?.code).to.equal('ERR_MM7_BODY_TOO_LARGE');
		});

		it('answers a chunked upload over it with 413 before the upload has ended', async () => {
			const { port } = await listen(app(undefined, { limits: { body: 10_000 } }));
			const connection = new Connection(port);
			connection.write(post('', { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' }));
			for (let i = 0; i < 11; i++) connection.write(`3e8\r\n${' '.repeat(1000)}\r\n`);
			const [answer] = await connection.answers();
			expect(answer?.status).to.equal(413);
			await connection.end();
		});

		for (const [name, compress] of [
			['gzip', zlib.gzipSync],
			['deflate', zlib.deflateSync],
			['br', zlib.brotliCompressSync],
		] as const) {
			it(`counts what ${name} inflates to`, async () => {
				const bomb = compress(Buffer.from(padded(20_000_000)));
				expect(bomb.length).to.be.below(100_000);
				const answer = await request(app())
					.post('/mm7')
					.type('xml')
					.set('Content-Encoding', name)
					.send(bomb)
					.expect(413);
				expect(readAnswer(answer.text)).to.include({ statusCode: 2007 });
			});
		}

		it('takes a body of exactly the limit', async () => {
			const xml = reportXml();
			const limit = Buffer.byteLength(xml);
			await request(app(undefined, { limits: { body: limit } }))
				.post('/mm7')
				.type('xml')
				.send(xml)
				.expect(200);
			await request(app(undefined, { limits: { body: limit - 1 } }))
				.post('/mm7')
				.type('xml')
				.send(xml)
				.expect(413);
		});
	});

	describe('bodyTimeout', () => {
		it('ends a slow body in 408 and closes the connection', async () => {
			const exchanges = new Exchanges();
			const { port } = await listen(app(undefined, { bodyTimeout: 30, onExchange: exchanges.add }));
			const connection = new Connection(port).write(post('', { 'Content-Length': '1000' })).write('<?xml');
			const [answer] = await connection.answers();
			expect(answer?.status).to.equal(408);
			expect(readAnswer(answer?.body ?? '')).to.include({ statusCode: 4006 });
			await connection.end();
			expect((await exchanges.number(1)).error?.code).to.equal('ERR_MM7_BODY_TIMEOUT');
		});

		it('ends a body that has come, and that an earlier middleware has paused', async () => {
			const paused = express();
			paused.use((req, _res, next) => {
				req.pause();
				// its bytes are here by then
				setImmediate(() => next());
			});
			paused.use(
				'/mm7',
				mm7DeliveryReports(() => undefined, { bodyTimeout: 30 }),
			);
			const { port } = await listen(paused);
			const [answer] = await new Connection(port).write(post(reportXml())).answers();
			expect(answer?.status).to.equal(408);
		});

		it('does not count the time of the handler', async () => {
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

	describe('a client that goes away', () => {
		for (const [name, headers] of [
			['in the middle of a body', {}],
			['in the middle of a compressed body', { 'Content-Encoding': 'gzip' }],
			['in the middle of a chunked body', { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' }],
		] as const) {
			it(`is not answered when it leaves ${name}`, async () => {
				const exchanges = new Exchanges();
				const { port, server } = await listen(app(undefined, { onExchange: exchanges.add }));
				const connection = new Connection(port).write(post('', { 'Content-Length': '1000', ...headers }));
				await once(server, 'request');
				connection.socket.destroy();
				const exchange = await exchanges.number(1);
				expect(exchange.error?.code).to.equal('ERR_MM7_ABORTED');
				expect(exchange).to.include({ httpStatus: undefined, statusCode: undefined });
			});
		}
	});

	it('answers an empty body with a fault', async () => {
		const answer = await request(app()).post('/mm7').type('xml').expect(500);
		expect(readAnswer(answer.text)).to.include({ faultCode: 'Client', statusCode: 2007 });
	});

	it('answers an empty chunked body with a fault', async () => {
		const { port } = await listen(app());
		const head = post('', { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' });
		const [answer] = await new Connection(port).write(head).write('0\r\n\r\n').answers();
		expect(answer?.status).to.equal(500);
		expect(readAnswer(answer?.body ?? '').faultText).to.equal('The request has no body');
	});

	describe('over HTTP/2', () => {
		let exchanges: Exchanges;
		let close: (() => void) | undefined;
		beforeEach(() => {
			exchanges = new Exchanges();
		});
		afterEach(() => close?.());

		/** Sends a body, none, or with null one that never ends; without a Content-Length, unless the headers have one. */
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
			return { status, response: readAnswer(await text(stream)) };
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

		it('reads a compressed body and leaves the headers as they are', async () => {
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

		it('rejects a body over the limit, and one that takes too long', async () => {
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
		describe(`that somebody read before, in ${name}`, () => {
			let seen: DeliveryReport | undefined;
			let exchanges: Exchanges;

			beforeEach(() => {
				seen = undefined;
				exchanges = new Exchanges();
			});

			const behind = (earlier: express.RequestHandler, options: Options = {}) => {
				const application = express_();
				application.use(earlier);
				const handler = (report: DeliveryReport) => {
					seen = report;
				};
				application.use('/mm7', mm7DeliveryReports(handler, { onExchange: exchanges.add, ...options }));
				return request(application).post('/mm7');
			};

			it('is taken as a Buffer from req.body', async () => {
				const { headers, body } = multipart(reportXml());
				await behind(bodyParser.raw({ type: () => true }))
					.set(headers)
					.send(body)
					.expect(200);
				expect(seen?.messageId).to.equal('480000000000000001');
			});

			it('is taken as a text from req.body, whatever charset it once had', async () => {
				const xml = reportXml({ elements: { StatusText: 'Zugestellt für Zoë' } }).replace('UTF-8', 'ISO-8859-1');
				await behind(bodyParser.text({ type: () => true }))
					.type('text/xml; charset=iso-8859-1')
					.send(Buffer.from(xml, 'latin1') as unknown as string)
					.expect(200);
				expect(seen?.statusText).to.equal('Zugestellt für Zoë');
			});

			it('is taken from req.rawBody behind a parsed body, as cloud functions leave it', async () => {
				const earlier: express.RequestHandler = (req, _res, next) => {
					bodyParser.raw({ type: () => true })(req, _res, () => {
						Object.assign(req, { rawBody: req.body, body: { parsed: 'by the platform' } });
						next();
					});
				};
				await behind(earlier).type('xml').send(reportXml()).expect(200);
				expect(seen?.messageId).to.equal('480000000000000001');
			});

			it('is reported as gone where an XML parser kept a tree only, with the line to move', async () => {
				const earlier: express.RequestHandler = (req, res, next) => {
					bodyParser.text({ type: () => true })(req, res, () => {
						new Parser().parseString(req.body, (_error, tree) => {
							req.body = tree;
							next();
						});
					});
				};
				await behind(earlier).type('xml').send(reportXml()).expect(500);
				const { error } = await exchanges.number(1);
				expect(error).to.include({ code: 'ERR_MM7_BODY_CONSUMED', statusCode: 4006 });
				expect(error?.message).to.include('before app.use(express.json()), XML parsers');
			});

			it('is held to the limit too', async () => {
				await behind(bodyParser.raw({ type: () => true }), { limits: { body: 100 } })
					.type('xml')
					.send(reportXml())
					.expect(413);
			});

			it('is read from the stream where a parser looked and passed', async () => {
				await behind(bodyParser.json()).type('xml').send(reportXml()).expect(200);
				expect(seen?.messageId).to.equal('480000000000000001');
			});

			it('is reported as gone where nothing is left, with the line to move', async () => {
				const earlier: express.RequestHandler = (req, _res, next) => {
					req.resume().once('end', () => next());
				};
				const answer = await behind(earlier).type('xml').send(reportXml()).expect(500);
				expect(readAnswer(answer.text)).to.include({ faultCode: 'Server', statusCode: 4006 });
				const { error } = await exchanges.number(1);
				expect(error?.code).to.equal('ERR_MM7_BODY_CONSUMED');
				expect(error?.message).to.match(/before app\.use\(express\.json\(\)\)/);
			});

			it('is reported as gone where a parser made another object of it', async () => {
				await behind(bodyParser.urlencoded({ extended: false, type: () => true }))
					.type('xml')
					.send(reportXml())
					.expect(500);
				expect((await exchanges.number(1)).error?.code).to.equal('ERR_MM7_BODY_CONSUMED');
			});

			it('is reported as gone where req.setEncoding was called', async () => {
				const earlier: express.RequestHandler = (req, _res, next) => {
					req.setEncoding('utf8');
					next();
				};
				await behind(earlier).type('xml').send(reportXml()).expect(500);
				expect((await exchanges.number(1)).error?.code).to.equal('ERR_MM7_BODY_CONSUMED');
			});
		});
	}
});
