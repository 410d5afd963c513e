import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import request from 'supertest';
import { Mm7Error } from '../../lib/errors.js';
import { type Handler, Mm7Rejection, Mm7ServiceError, mm7DeliveryReports, type Options } from '../../lib/index.js';
import { held } from '../support/held.js';
import { reportXml } from '../support/report.js';
import { readResponse } from '../support/response.js';
import { app, Connection, Exchanges, listen, post, stopServers } from '../support/server.js';

async function outcome(handler: Handler, options: Options = {}) {
	const exchanges = new Exchanges();
	const application = app(handler, { ...options, onExchange: exchanges.add });
	const { status, text } = await request(application).post('/mm7').type('xml').send(reportXml());
	return { status, response: readResponse(text), text, exchange: await exchanges.number(1) };
}

const throws = (thrown: unknown) => () => {
	throw thrown;
};
const rejects = (thrown: unknown) => async () => {
	throw thrown;
};

/** A value that throws when it is inspected, as strict proxies do. */
const UNREADABLE = {
	get statusCode(): number {
		throw new Error('unknown property');
	},
};

describe('outcome', () => {
	afterEach(stopServers);

	describe('accepts with 1000', () => {
		const HANDLERS: Record<string, () => unknown> = {
			'that returns nothing': () => undefined,
			'that resolves with nothing': async () => undefined,
			'that returns null': () => null,
			'that returns a row of its database': async () => ({ rowCount: 1, command: 'INSERT' }),
			'that returns a row with an error column': () => ({ messageId: '48', status: 'failed', error: 'Expired' }),
			'that returns text': () => 'ok',
			'that returns true': () => true,
			'that returns a number': () => 2005,
			'that returns a fetch response that is ok': () => new Response('stored'),
			'that returns its own object that is not ok': () => ({ ok: false, status: 503, headers: {} }),
			'that returns the result of Promise.allSettled': () => Promise.allSettled([1, 2]),
			'that returns a list with empty entries': () => [null, undefined],
			'that returns { statusCode: 1000 }': () => ({ statusCode: 1000 }),
			'that returns a status with details null': () => ({ statusCode: 1000, details: null }),
			'that returns its own thenable': () => ({
				// biome-ignore lint/suspicious/noThenProperty: such promises exist
				then: (resolve: (value: unknown) => void) => resolve(undefined),
			}),
		};
		for (const [name, handler] of Object.entries(HANDLERS)) {
			it(`a handler ${name}`, async () => {
				const { status, response, exchange } = await outcome(handler as Handler);
				expect(status).to.equal(200);
				expect(response).to.include({ operation: 'DeliveryReportRsp', statusCode: 1000, statusText: 'Success' });
				expect(response.details).to.equal(undefined);
				expect(exchange).to.include({ httpStatus: 200, statusCode: 1000, error: undefined, late: false });
			});
		}
	});

	it('sends the status text of the handler', async () => {
		const { response } = await outcome(() => ({ statusCode: 1000, statusText: 'Stored & done', details: 'row <7>' }));
		expect(response).to.include({ statusCode: 1000, statusText: 'Stored & done', details: 'row <7>' });
	});

	describe('permanently rejects the report, with HTTP 200 and the code,', () => {
		const HANDLERS: Record<string, Handler> = {
			'that returns a status': () => ({ statusCode: 2005 }),
			'that resolves with a status': async () => ({ statusCode: 2005 }),
			'that throws a status': throws({ statusCode: 2005 }),
			'that rejects with a status': rejects({ statusCode: 2005 }),
			'that throws an Mm7Rejection': throws(new Mm7Rejection(2005)),
			'that rejects with an Mm7Rejection': rejects(new Mm7Rejection(2005)),
			'that returns an Mm7Rejection': () => new Mm7Rejection(2005),
		};
		for (const [name, handler] of Object.entries(HANDLERS)) {
			it(`for a handler ${name}`, async () => {
				const { status, response, exchange } = await outcome(handler);
				expect(status).to.equal(200);
				expect(response).to.include({ operation: 'DeliveryReportRsp', statusCode: 2005 });
				expect(response.statusText).to.equal('Message ID not found');
				expect(exchange).to.include({ httpStatus: 200, statusCode: 2005 });
				expect(exchange.error?.code).to.equal('ERR_MM7_REJECTED');
			});
		}
	});

	describe('asks for a retry, with HTTP 500 and 4006,', () => {
		const HANDLERS: Record<string, Handler> = {
			'that throws': throws(new Error('db: secret')),
			'that rejects': rejects(new Error('db: secret')),
			'that throws an error of an HTTP client': throws(Object.assign(new Error('secret'), { statusCode: 404 })),
			'that throws undefined': throws(undefined),
			'that throws a text': throws('secret'),
			'that rejects with null': rejects(null),
			'that throws an error of parsing another report': throws(new Mm7Error('ERR_MM7_ELEMENT_MISSING')),
			'that returns false': (() => false) as unknown as Handler,
			'that resolves with false': (async () => false) as unknown as Handler,
			'that returns an Error': (() => new Error('secret')) as unknown as Handler,
			'that returns a fetch response that is not ok': (async () =>
				new Response('secret', { status: 503 })) as unknown as Handler,
			'that returns an Error of another realm': (() =>
				runInNewContext('new TypeError("secret")')) as unknown as Handler,
			'that returns a response of another realm that is not ok': (() =>
				runInNewContext('({ ok: false, get [Symbol.toStringTag]() { return "Response"; } })')) as unknown as Handler,
			'that returns a rejection of another realm': (() =>
				runInNewContext('Promise.allSettled([Promise.reject(new Error("secret"))])')) as unknown as Handler,
			'that returns a rejection of Promise.allSettled': (async () =>
				Promise.allSettled([1, Promise.reject(new Error('secret'))])) as unknown as Handler,
			'that returns an HTTP status': () => ({ statusCode: 404 }),
			'that returns a status as a text': (() => ({ statusCode: '2005' })) as unknown as Handler,
			'that returns a status without a value': (() => ({ statusCode: undefined })) as unknown as Handler,
			'that returns 4006': () => ({ statusCode: 4006, details: 'secret' }),
			'that throws Mm7Rejection(4006)': throws(new Mm7Rejection(4006, 'secret')),
		};
		for (const [name, handler] of Object.entries(HANDLERS)) {
			it(`for a handler ${name}`, async () => {
				const { status, response, text, exchange } = await outcome(handler);
				expect(status).to.equal(500);
				expect(response).to.include({
					faultCode: 'Server',
					faultText: 'Service unavailable',
					operation: 'VASPErrorRsp',
					statusCode: 4006,
					transactionId: '20260001',
				});
				expect(text).not.to.include('secret');
				expect(exchange).to.include({ httpStatus: 500, statusCode: 4006 });
				expect(exchange.error?.code).to.equal('ERR_MM7_HANDLER_FAILED');
			});
		}

		it('and keeps the thrown value as the cause', async () => {
			const thrown = new Error('db');
			expect((await outcome(throws(thrown))).exchange.error?.cause).to.equal(thrown);
		});
	});

	it('sends the fault 4005 for an Mm7ServiceError', async () => {
		const { status, response, text, exchange } = await outcome(throws(new Mm7ServiceError('secret')));
		expect(status).to.equal(500);
		expect(response).to.include({ faultCode: 'Server', operation: 'VASPErrorRsp', statusCode: 4005 });
		expect(text).not.to.include('secret');
		expect(exchange.error).to.include({ code: 'ERR_MM7_SERVICE_ERROR', detail: 'secret' });
	});

	describe('handlerTimeout', () => {
		it('responds with 4006 within 100 ms of the deadline, measured from the handler call, and aborts the signal', async function () {
			this.retries(3); // a shared machine may stall for longer
			for (const busyMs of [0, 150]) {
				let signal: AbortSignal | undefined;
				const handler: Handler = (_report, _req, context) => {
					signal = context.signal;
					const end = performance.now() + busyMs;
					while (performance.now() < end);
					return new Promise(() => undefined);
				};
				const { status, response, exchange } = await outcome(handler, { handlerTimeout: 200 });
				expect(status).to.equal(500);
				expect(response).to.include({ faultCode: 'Server', statusCode: 4006 });
				expect(signal?.aborted).to.equal(true);
				expect(signal?.reason).to.have.property('code', 'ERR_MM7_HANDLER_TIMEOUT');
				expect(exchange.error?.code).to.equal('ERR_MM7_HANDLER_TIMEOUT');
				expect(exchange.durationMs).to.be.within(199, 300);
			}
		});

		it('does not abort the signal of a handler that finished in time', async () => {
			const signals: AbortSignal[] = [];
			const handler: Handler = async (_report, _req, { signal }) => {
				signals.push(signal);
				// once the second deadline has passed, so has the first
				if (signals.length > 1) await new Promise(() => undefined);
			};
			const application = app(handler, { handlerTimeout: 30 });
			for (const status of [200, 500]) {
				await request(application).post('/mm7').type('xml').send(reportXml()).expect(status);
			}
			expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false, true]);
		});

		it('passes a context that can be copied, without a way to abort', async () => {
			let copy: object = {};
			const handler: Handler = (_report, _req, context) => {
				copy = { ...context };
				expect(context).not.to.have.property('abort');
			};
			await request(app(handler)).post('/mm7').type('xml').send(reportXml()).expect(200);
			expect(copy).to.have.property('signal').that.is.an.instanceOf(AbortSignal);
		});

		it('passes an aborted signal to a handler that asks for it too late', async () => {
			let late: AbortSignal | undefined;
			const exchanges = new Exchanges();
			const handler: Handler = async (_report, _req, context) => {
				while (exchanges.all.length === 0) await once(exchanges, 'exchange');
				late = context.signal;
			};
			const application = app(handler, { handlerTimeout: 10, onExchange: exchanges.add });
			await request(application).post('/mm7').type('xml').send(reportXml()).expect(500);
			await exchanges.number(2);
			expect(late?.aborted).to.equal(true);
		});

		for (const [name, result, expected] of [
			['acceptance', undefined, { statusCode: 1000, code: undefined }],
			['rejection', { statusCode: 2005 }, { statusCode: 2005, code: 'ERR_MM7_REJECTED' }],
			['failure', new Error('at last'), { statusCode: 4006, code: 'ERR_MM7_HANDLER_FAILED' }],
			['unreadable result', UNREADABLE, { statusCode: 4006, code: 'ERR_MM7_HANDLER_FAILED' }],
		] as const) {
			it(`reports a late ${name}`, async () => {
				const { promise, release } = held<unknown>();
				const handler = () =>
					promise.then((value) => {
						if (value instanceof Error) throw value;
						return value as undefined;
					});
				const exchanges = new Exchanges();
				const application = app(handler, { handlerTimeout: 10, onExchange: exchanges.add });
				await request(application).post('/mm7').type('xml').send(reportXml()).expect(500);
				expect(await exchanges.number(1)).to.include({ late: false, httpStatus: 500 });
				release(result);
				const late = await exchanges.number(2);
				expect(late).to.include({ late: true, httpStatus: undefined, statusCode: expected.statusCode });
				expect(late.error?.code).to.equal(expected.code);
				expect(late.report?.messageId).to.equal('480000000000000001');
				expect(exchanges.all).to.have.length(2);
			});
		}
	});

	it('awaits the handler even if the client disconnects, and reports that the response was not delivered', async () => {
		const [started, finished] = [held(), held()];
		const exchanges = new Exchanges();
		const handler: Handler = () => {
			started.release();
			return finished.promise;
		};
		const { port, server } = await listen(app(handler, { onExchange: exchanges.add }));
		const closed = once(server, 'connection').then(([socket]) => once(socket, 'close'));
		const connection = new Connection(port).write(post(reportXml()));
		await started.promise;
		connection.socket.destroy();
		await closed;
		expect(exchanges.all).to.have.length(0);
		finished.release();
		const exchange = await exchanges.number(1);
		expect(exchange).to.include({ httpStatus: undefined, statusCode: undefined, late: false });
		expect(exchange.error?.code).to.equal('ERR_MM7_NOT_DELIVERED');
		expect(exchange.report?.messageId).to.equal('480000000000000001');
	});

	it('keeps the async context of earlier middleware', async () => {
		const context = new AsyncLocalStorage<string>();
		let seen: string | undefined;
		const middleware = mm7DeliveryReports<IncomingMessage>(async () => {
			seen = context.getStore();
		});
		const { port } = await listen((req, res) => context.run('request 7', () => middleware(req, res, () => undefined)));
		await new Connection(port).write(post(reportXml())).responses();
		expect(seen).to.equal('request 7');
	});

	it('throws a TypeError for a handler that is not a function', () => {
		expect(() => mm7DeliveryReports('handler' as unknown as Handler)).to.throw(TypeError, /handler.*'handler'/);
		expect(() => mm7DeliveryReports(undefined as unknown as Handler)).to.throw(TypeError, /handler.*undefined/);
	});
});
