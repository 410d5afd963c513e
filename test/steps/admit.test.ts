import { once } from 'node:events';
import { expect } from 'chai';
import express from 'express';
import request from 'supertest';
import { basicAuth, Mm7Rejection, mm7DeliveryReports, type Options } from '../../lib/index.js';
import { reportXml } from '../support/report.js';
import { readResponse } from '../support/response.js';
import { app, Connection, Exchanges, listen, post, stopServers } from '../support/server.js';

const send = (application: ReturnType<typeof app>) => request(application).post('/mm7').type('xml').send(reportXml());

/** Sends a report and returns the response, the number of handler calls and the error. */
async function outcome(options: Options) {
	const exchanges = new Exchanges();
	let calls = 0;
	const response = await send(app(() => void calls++, { ...options, onExchange: exchanges.add }));
	const { error } = await exchanges.number(1);
	return { response, read: readResponse(response.text), calls, error };
}

describe('admission', () => {
	afterEach(stopServers);

	for (const method of ['get', 'put', 'delete', 'patch', 'options', 'head'] as const) {
		it(`rejects ${method.toUpperCase()} with 405`, async () => {
			await request(app())[method]('/mm7').expect(405).expect('Allow', 'POST');
		});
	}

	describe('authenticate', () => {
		for (const verdict of [true, Promise.resolve(true)]) {
			it(`admits a request by returning ${verdict === true ? 'true' : 'a promise of true'}`, async () => {
				expect((await outcome({ authenticate: () => verdict })).calls).to.equal(1);
			});
		}

		for (const verdict of [false, Promise.resolve(false), undefined, null, 1, 'yes', {}]) {
			it(`rejects it with 401 for ${verdict instanceof Promise ? 'a promise of false' : JSON.stringify(verdict)}`, async () => {
				const { response, read, calls } = await outcome({ authenticate: () => verdict as boolean });
				expect(response.status).to.equal(401);
				expect(response.headers['www-authenticate']).to.equal('Basic realm="mm7", charset="UTF-8"');
				expect(read).to.include({ faultCode: 'Client', statusCode: 4001 });
				expect(calls).to.equal(0);
			});
		}

		const DOWN = new Error('directory is down');
		const REJECTION = new Mm7Rejection(4007, 'a directory of browsers');
		const FAILURES: Record<string, [status: number, code: string, cause: Error | undefined, () => Promise<boolean>]> = {
			throws: [
				500,
				'ERR_MM7_ADMISSION_FAILED',
				DOWN,
				() => {
					throw DOWN;
				},
			],
			rejects: [500, 'ERR_MM7_ADMISSION_FAILED', DOWN, () => Promise.reject(DOWN)],
			'never settles': [500, 'ERR_MM7_ADMISSION_FAILED', undefined, () => new Promise(() => undefined)],
			'throws an Mm7Rejection': [403, 'ERR_MM7_FORBIDDEN', REJECTION, () => Promise.reject(REJECTION)],
		};
		for (const [name, [status, code, cause, authenticate]] of Object.entries(FAILURES)) {
			it(`rejects the request with ${status} if it ${name}, without exposing the reason`, async () => {
				const { response, read, calls, error } = await outcome({ authenticate, handlerTimeout: 100 });
				expect(response.status).to.equal(status);
				expect(response.text).not.to.include('directory');
				expect(read.statusCode).to.equal(status === 403 ? 4007 : 4006);
				expect(calls).to.equal(0);
				expect(error?.code).to.equal(code);
				if (cause) expect(error?.cause).to.equal(cause);
			});
		}

		it('is called before any of the body is read', async () => {
			const { port } = await listen(app(undefined, { authenticate: () => false }));
			const head = post('', { 'Content-Length': '5000' });
			const [response] = await new Connection(port).write(head).responses();
			expect(response?.status).to.equal(401);
		});

		it('keeps the connection open for a second attempt if the rest of the body is short', async () => {
			const authenticate = basicAuth({ sinch: 'secret' });
			const { port } = await listen(app(undefined, { authenticate }));
			const connection = new Connection(port).write(post(reportXml()));
			expect((await connection.responses(1))[0]?.status).to.equal(401);
			connection.write(post(reportXml(), { Authorization: `Basic ${btoa('sinch:secret')}` }));
			expect((await connection.responses(2))[1]?.status).to.equal(200);
		});

		it('closes the connection after the response has been read if the rest of the body is long', async () => {
			const { port } = await listen(app(undefined, { authenticate: () => false }));
			const connection = new Connection(port).write(post('', { 'Content-Length': '500000' }));
			const [response] = await connection.responses();
			expect(response?.status).to.equal(401);
			expect(response?.headers).to.include({ connection: 'close' });
			connection.write(Buffer.alloc(100_000));
			await connection.end();
		});
	});

	describe('the error of a rejected request', () => {
		const refused = async (options: Options, trustProxy: boolean, headers: Record<string, string>) => {
			const exchanges = new Exchanges();
			const application = express().set('trust proxy', trustProxy);
			application.use(mm7DeliveryReports(() => undefined, { ...options, onExchange: exchanges.add }));
			const { text } = await send(application).set(headers);
			const { error } = await exchanges.number(1);
			expect(text).not.to.include(error?.detail);
			return error?.detail;
		};
		const options = { allowFrom: '192.0.2.7' };

		it('contains the address of the sender', async () => {
			expect(await refused(options, false, {})).to.match(/^from (::ffff:)?127\.0\.0\.1$/);
		});

		it("explains why the address may be the proxy's", async () => {
			const detail = await refused(options, false, { 'X-Forwarded-For': '192.0.2.7' });
			expect(detail).to.match(
				/127\.0\.0\.1 \(X-Forwarded-For says '192\.0\.2\.7', but Express's "trust proxy" is off\)$/,
			);
		});

		it('contains the forwarded address if the proxy is trusted', async () => {
			expect(await refused(options, true, { 'X-Forwarded-For': '192.0.2.8' })).to.equal('from 192.0.2.8');
		});

		it('states whether credentials were sent', async () => {
			const authenticate = () => false;
			expect(await refused({ authenticate }, false, {})).to.match(/without credentials$/);
			expect(await refused({ authenticate }, false, { Authorization: 'Basic eDp5' })).to.match(
				/127\.0\.0\.1 with an Authorization header$/,
			);
		});
	});

	describe('allowFrom', () => {
		it('ignores X-Forwarded-For unless Express trusts the proxy', async () => {
			await send(app(undefined, { allowFrom: '192.0.2.7' }))
				.set('X-Forwarded-For', '192.0.2.7')
				.expect(403);
		});

		it('is checked before authenticate is called', async () => {
			let asked = false;
			const authenticate = () => {
				asked = true;
				return true;
			};
			await send(app(undefined, { allowFrom: '192.0.2.7', authenticate })).expect(403);
			expect(asked).to.equal(false);
		});
	});

	it('passes a rejected request to onExchange', async () => {
		const exchanges = new Exchanges();
		const { port } = await listen(app(undefined, { authenticate: () => false, onExchange: exchanges.add }));
		const connection = new Connection(port).write(post(reportXml()));
		const exchange = await exchanges.number(1);
		expect(exchange).to.include({ httpStatus: 401, statusCode: 4001, body: undefined, report: undefined });
		expect(exchange.error?.code).to.equal('ERR_MM7_UNAUTHORIZED');
		connection.socket.destroy();
		await once(connection.socket, 'close');
	});
});
