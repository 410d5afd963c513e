import { inspect } from 'node:util';
import { expect } from 'chai';
import request from 'supertest';
import { basicAuth } from '../../lib/index.js';
import { reportXml } from '../support/report.js';
import { app } from '../support/server.js';

const send = (application: ReturnType<typeof app>) => request(application).post('/mm7').type('xml').send(reportXml());

describe('basicAuth', () => {
	const application = app(undefined, { authenticate: basicAuth({ sinch: 'pass:word', zoë: 'pässword' }) });
	const withHeader = (authorization: string) => send(application).set('Authorization', authorization);
	const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;

	it('accepts each user with their own password', async () => {
		await withHeader(basic('sinch:pass:word')).expect(200);
		await withHeader(basic('zoë:pässword')).expect(200);
	});

	it('accepts non-ASCII credentials in ISO-8859-1 too', async () => {
		const latin1 = Buffer.from('zoë:pässword', 'latin1').toString('base64');
		await withHeader(`Basic ${latin1}`).expect(200);
		const other = Buffer.from('zoë:password', 'latin1').toString('base64');
		await withHeader(`Basic ${other}`).expect(401);
	});

	it('does not confuse a character outside ISO-8859-1 with its lower byte', async () => {
		const beyond = app(undefined, { authenticate: basicAuth({ sinch: 'š' }) }); // U+0161, whose lower byte is 'a'
		const cut = Buffer.from('sinch:a', 'latin1').toString('base64');
		await send(beyond).set('Authorization', `Basic ${cut}`).expect(401);
	});

	class Users {
		sinch = 'secret';
	}
	for (const given of [
		['sinch', 'secret'],
		['sinch:secret'],
		[{ username: 'sinch', password: 'secret' }],
		[new Map([['sinch', 'secret']])],
		[{ sinch: 'secret' }, 'mm7'],
		[Promise.resolve({ sinch: 'secret' })],
		[new Users()],
		[],
	]) {
		it(`rejects the arguments ${inspect(given)}, and shows the correct form`, () => {
			const call = () => (basicAuth as (...args: unknown[]) => unknown)(...given);
			expect(call).to.throw(TypeError, "basicAuth({ sinch: 'the password' })");
			expect(call).not.to.throw("'secret'");
		});
	}

	it('accepts the scheme in any case', async () => {
		await withHeader(basic('sinch:pass:word').replace('Basic', 'bASIC')).expect(200);
	});

	const WRONG = {
		'no header': undefined,
		'an empty header': '',
		'another scheme': 'Bearer abc',
		'no credentials': 'Basic ',
		'not base64': 'Basic %%%',
		'a wrong password': basic('sinch:password'),
		"another user's password": basic('sinch:pässword'),
		'an unknown user': basic('stranger:pass:word'),
		'a name alone': basic('sinch'),
		'an inherited name': basic('constructor:function Object() { [native code] }'),
		'the beginning of the password': basic('sinch:pass:wor'),
		'the password and more': basic('sinch:pass:word '),
	};
	for (const [name, authorization] of Object.entries(WRONG)) {
		it(`rejects ${name} with 401`, async () => {
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
