import { once } from 'node:events';
import { expect } from 'chai';
import express from 'express';
import request from 'supertest';
import { basicAuth, Mm7Rejection, mm7DeliveryReports, type Options } from '../../lib/index.js';
import { readAnswer } from '../support/answer.js';
import { reportXml } from '../support/report.js';
import { app, Connection, Exchanges, listen, post, stopServers } from '../support/server.js';

const send = (application: ReturnType<typeof app>) => request(application).post('/mm7').type('xml').send(reportXml());

describe('admission', () => {
	afterEach(stopServers);

	describe('method', () => {
		for (const method of ['get', 'put', 'delete', 'patch', 'options', 'head'] as const) {
			it(`refuses ${method.toUpperCase()} with 405`, async () => {
				await request(app())[method]('/mm7').expect(405).expect('Allow', 'POST');
			});
		}
	});

	describe('authenticate', () => {
		for (const verdict of [true, Promise.resolve(true)]) {
			it(`lets in on ${verdict === true ? 'true' : 'a promise of true'}`, async () => {
				await send(app(undefined, { authenticate: () => verdict })).expect(200);
			});
		}

		for (const verdict of [false, Promise.resolve(false), undefined, null, 1, 'yes', {}]) {
			it(`answers ${verdict instanceof Promise ? 'a promise of false' : JSON.stringify(verdict)} with 401`, async () => {
				let handled = false;
				const handler = () => {
					handled = true;
				};
				const answer = await send(app(handler, { authenticate: () => verdict as boolean })).expect(401);
				expect(answer.headers['www-authenticate']).to.equal('Basic realm="mm7", charset="UTF-8"');
				expect(readAnswer(answer.text)).to.include({ faultCode: 'Client', statusCode: 4001 });
				expect(handled).to.equal(false);
			});
		}

		const FAILURES = {
			throws: () => {
				throw new Error('directory is down');
			},
			rejects: async () => {
				throw new Error('directory is down');
			},
		};
		for (const [name, authenticate] of Object.entries(FAILURES)) {
			it(`refuses with 500 when it ${name}, and keeps the reason inside`, async () => {
				const exchanges = new Exchanges();
				let handled = false;
				const handler = () => {
					handled = true;
				};
				const answer = await send(app(handler, { authenticate, onExchange: exchanges.add })).expect(500);
				expect(answer.text).not.to.include('directory');
				expect(readAnswer(answer.text)).to.include({ faultCode: 'Server', statusCode: 4006 });
				expect(handled).to.equal(false);
				const { error } = await exchanges.number(1);
				expect(error?.code).to.equal('ERR_MM7_ADMISSION_FAILED');
				expect(error?.cause).to.have.property('message', 'directory is down');
			});
		}

		it('responds with 403 to an Mm7Rejection that it throws, and keeps the reason inside', async () => {
			const exchanges = new Exchanges();
			const rejection = new Mm7Rejection(4007, 'a browser sent it');
			const authenticate = () => {
				throw rejection;
			};
			const response = await send(app(undefined, { authenticate, onExchange: exchanges.add })).expect(403);
			expect(response.text).not.to.include('browser');
			expect(readAnswer(response.text)).to.include({ faultCode: 'Client', statusCode: 4007 });
			const { error } = await exchanges.number(1);
			expect(error).to.include({ code: 'ERR_MM7_FORBIDDEN', detail: 'a browser sent it', cause: rejection });
		});

		it('refuses with 500 when it never answers', async () => {
			const exchanges = new Exchanges();
			const authenticate = () => new Promise<boolean>(() => undefined);
			const answer = await send(app(undefined, { authenticate, handlerTimeout: 20, onExchange: exchanges.add })).expect(
				500,
			);
			expect(readAnswer(answer.text)).to.include({ faultCode: 'Server', statusCode: 4006 });
			expect((await exchanges.number(1)).error?.code).to.equal('ERR_MM7_ADMISSION_FAILED');
		});

		it('is asked before a byte of the body is read', async () => {
			const { port } = await listen(app(undefined, { authenticate: () => false }));
			const head = post('', { 'Content-Length': '5000' });
			const [answer] = await new Connection(port).write(head).answers();
			expect(answer?.status).to.equal(401);
		});

		it('leaves the connection open for the second try when the rest is short', async () => {
			const authenticate = basicAuth({ sinch: 'secret' });
			const { port } = await listen(app(undefined, { authenticate }));
			const connection = new Connection(port).write(post(reportXml()));
			expect((await connection.answers(1))[0]?.status).to.equal(401);
			connection.write(post(reportXml(), { Authorization: `Basic ${btoa('sinch:secret')}` }));
			expect((await connection.answers(2))[1]?.status).to.equal(200);
		});

		it('closes the connection, after the answer was read, when the rest is long', async () => {
			const { port } = await listen(app(undefined, { authenticate: () => false }));
			const connection = new Connection(port).write(post('', { 'Content-Length': '500000' }));
			const [answer] = await connection.answers();
			expect(answer?.status).to.equal(401);
			expect(answer?.headers).to.include({ connection: 'close' });
			connection.write(Buffer.alloc(100_000));
			await connection.end();
		});
	});

	describe('tells the hook who came', () => {
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

		it('with the address', async () => {
			expect(await refused(options, false, {})).to.match(/^from (::ffff:)?127\.0\.0\.1$/);
		});

		it("and says why it may be the proxy's", async () => {
			const detail = await refused(options, false, { 'X-Forwarded-For': '192.0.2.7' });
			expect(detail).to.match(
				/127\.0\.0\.1 \(X-Forwarded-For says '192\.0\.2\.7', but Express's "trust proxy" is off\)$/,
			);
		});

		it('but not where the proxy is trusted', async () => {
			expect(await refused(options, true, { 'X-Forwarded-For': '192.0.2.8' })).to.equal('from 192.0.2.8');
		});

		it('and whether there were credentials', async () => {
			const authenticate = () => false;
			expect(await refused({ authenticate }, false, {})).to.match(/without credentials$/);
			expect(await refused({ authenticate }, false, { Authorization: 'Basic eDp5' })).to.match(
				/127\.0\.0\.1 with an Authorization header$/,
			);
		});
	});

	describe('allowFrom', () => {
		it('does not believe X-Forwarded-For unless Express trusts the proxy', async () => {
			await send(app(undefined, { allowFrom: '192.0.2.7' }))
				.set('X-Forwarded-For', '192.0.2.7')
				.expect(403);
		});

		it('is held against the address before anybody is asked for credentials', async () => {
			let asked = false;
			const authenticate = () => {
				asked = true;
				return true;
			};
			await send(app(undefined, { allowFrom: '192.0.2.7', authenticate })).expect(403);
			expect(asked).to.equal(false);
		});
	});

	it('tells the hook of a refused request', async () => {
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
