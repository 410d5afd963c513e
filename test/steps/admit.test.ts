import { once } from 'node:events';
import { expect } from 'chai';
import express from 'express';
import request from 'supertest';
import { basicAuth, mm7DeliveryReports, type Options } from '../../lib/index.js';
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
				expect(readAnswer(answer.text)).to.include({ faultCode: 'env:Client', statusCode: '4001' });
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
				expect(readAnswer(answer.text)).to.include({ faultCode: 'env:Server', statusCode: '4006' });
				expect(handled).to.equal(false);
				const { error } = await exchanges.number(1);
				expect(error?.code).to.equal('ERR_MM7_ADMISSION_FAILED');
				expect(error?.cause).to.have.property('message', 'directory is down');
			});
		}

		it('refuses with 500 when it never answers', async () => {
			const exchanges = new Exchanges();
			const authenticate = () => new Promise<boolean>(() => undefined);
			const answer = await send(app(undefined, { authenticate, handlerTimeout: 20, onExchange: exchanges.add })).expect(
				500,
			);
			expect(readAnswer(answer.text)).to.include({ faultCode: 'env:Server', statusCode: '4006' });
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

	describe('basicAuth', () => {
		const application = app(undefined, { authenticate: basicAuth({ sinch: 'pass:word', zoë: 'pässword' }) });
		const withHeader = (authorization: string) => send(application).set('Authorization', authorization);
		const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;

		it('leaves the handler the request type that it has without', async () => {
			const ids: (string | undefined)[] = [];
			const middleware = mm7DeliveryReports((_report, req) => void ids.push(req.deliveryReport?.messageId), {
				authenticate: basicAuth({ sinch: 'secret' }),
			});
			const application = express().use('/mm7', middleware);
			await send(application).auth('sinch', 'secret').expect(200);
			expect(ids).to.deep.equal(['480000000000000001']);
		});

		it('lets in each user with the own password', async () => {
			await withHeader(basic('sinch:pass:word')).expect(200);
			await withHeader(basic('zoë:pässword')).expect(200);
		});

		it('takes what is beyond ASCII in ISO-8859-1 too', async () => {
			const latin1 = Buffer.from('zoë:pässword', 'latin1').toString('base64');
			await withHeader(`Basic ${latin1}`).expect(200);
			const other = Buffer.from('zoë:password', 'latin1').toString('base64');
			await withHeader(`Basic ${other}`).expect(401);
		});

		it('does not take a character that ISO-8859-1 cuts for the one that is left', async () => {
			const beyond = app(undefined, { authenticate: basicAuth({ sinch: 'š' }) }); // U+0161, cut to 'a'
			const cut = Buffer.from('sinch:a', 'latin1').toString('base64');
			await send(beyond).set('Authorization', `Basic ${cut}`).expect(401);
		});

		for (const [name, call] of Object.entries({
			"('sinch', 'secret')": () => (basicAuth as (...args: unknown[]) => unknown)('sinch', 'secret'),
			"('sinch:secret')": () => basicAuth('sinch:secret' as never),
			"(['sinch', 'secret'])": () => basicAuth(['sinch', 'secret'] as never),
			"({ username: 'sinch', password: 'secret' })": () => basicAuth({ username: 'sinch', password: 'secret' }),
			"({ user: 'sinch', password: 'secret' })": () => basicAuth({ user: 'sinch', password: 'secret' }),
			'(new Map())': () => basicAuth(new Map([['sinch', 'secret']]) as never),
			"({ sinch: 'secret' }, 'mm7')": () => (basicAuth as (...args: unknown[]) => unknown)({ sinch: 'secret' }, 'mm7'),
			'()': () => (basicAuth as () => unknown)(),
		})) {
			it(`refuses basicAuth${name}, and shows the right form`, () => {
				expect(call).to.throw(TypeError, "basicAuth({ sinch: 'the password' })");
			});
		}

		it('reads the scheme in any case', async () => {
			await withHeader(basic('sinch:pass:word').replace('Basic', 'bASIC')).expect(200);
		});

		const WRONG = {
			'no header': undefined,
			'an empty header': '',
			'another scheme': 'Bearer abc',
			'no credentials': 'Basic ',
			'no base64': 'Basic %%%',
			'a wrong password': basic('sinch:password'),
			"another user's password": basic('sinch:pässword'),
			'an unknown user': basic('nobody:pass:word'),
			'a name alone': basic('sinch'),
			'an inherited name': basic('constructor:function Object() { [native code] }'),
			'the beginning of the password': basic('sinch:pass:wor'),
			'the password and more': basic('sinch:pass:word '),
		};
		for (const [name, authorization] of Object.entries(WRONG)) {
			it(`refuses ${name}`, async () => {
				await (authorization === undefined ? send(application) : withHeader(authorization)).expect(401);
			});
		}

		for (const [name, users, message] of [
			['no users', {}, /at least one user/],
			['an unset environment variable', { sinch: undefined }, /password of "sinch"/],
			['an empty password', { sinch: '' }, /password of "sinch"/],
			['a name with a colon', { 'a:b': 'c' }, /"a:b" cannot be a user name/],
			['an empty name', { '': 'c' }, /"" cannot be a user name/],
		] as const) {
			it(`throws a TypeError for ${name}`, () => {
				expect(() => basicAuth(users)).to.throw(TypeError, message);
			});
		}
	});

	describe('allowFrom', () => {
		const from = (address: string, allowFrom: string[]) => {
			const application = app(undefined, { allowFrom });
			application.set('trust proxy', true);
			// mounted after the setting, since Express reads it for each request
			return send(application).set('X-Forwarded-For', address);
		};

		for (const [address, ...allowed] of [
			['192.0.2.7', '192.0.2.7'],
			['192.0.2.7', '192.0.2.0/24'],
			['192.0.2.7', '198.51.100.1', '192.0.2.0/29'],
			['::ffff:192.0.2.7', '192.0.2.7'],
			['::ffff:192.0.2.7', '192.0.2.0/24'],
			['::ffff:c000:207', '192.0.2.7'],
			['192.0.2.7', '::ffff:192.0.2.7'],
			['2001:db8::1', '2001:db8::/32'],
			['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
			['fe80::1%eth0', 'fe80::1'],
			['fe80::1', 'fe80::1%eth0'],
			['192.0.2.7', '0.0.0.0/0'],
			['192.0.2.7', '192.0.2.7/32'],
			['192.0.2.7', '::ffff:192.0.2.0/120'],
			['::ffff:192.0.2.7', '::ffff:c000:207/128'],
			['192.0.2.7', '::/0'],
			['2001:db8::1', '2001:db8::1/128'],
		] as const) {
			it(`lets ${address} in by ${allowed.join(', ')}`, async () => {
				await from(address, allowed).expect(200);
			});
		}

		for (const [address, ...allowed] of [
			['192.0.2.8', '192.0.2.7'],
			['192.0.3.7', '192.0.2.0/24'],
			['2001:db9::1', '2001:db8::/32'],
			['192.0.2.8', '192.0.2.7/32'],
			['192.0.3.7', '::ffff:192.0.2.0/120'],
			['192.0.2.7', '::192.0.2.7', '2001:db8::/32'],
			['2001:db8::1', '0.0.0.0/0'],
			['not an address', '0.0.0.0/0', '::/0'],
		] as const) {
			it(`refuses ${address} with 403 by ${allowed.join(', ')}`, async () => {
				const answer = await from(address, allowed).expect(403);
				expect(readAnswer(answer.text)).to.include({ faultCode: 'env:Client', statusCode: '4007' });
			});
		}

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

		for (const entry of ['192.0.2.0/33', '192.0.2.0/', '192.0.2.0/x', '192.0.2', 'example.net', '', '::/129']) {
			it(`throws a TypeError for the entry ${JSON.stringify(entry)}`, () => {
				expect(() => app(undefined, { allowFrom: [entry] })).to.throw(TypeError, /allowFrom.*neither an IP address/);
			});
		}
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
