import { expect } from 'chai';
import express from 'express';
import request from 'supertest';
import { basicAuth, mm7DeliveryReports } from '../../lib/index.js';
import { reportXml } from '../support/report.js';
import { app } from '../support/server.js';

const send = (application: ReturnType<typeof app>) => request(application).post('/mm7').type('xml').send(reportXml());

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
		"(Promise.resolve({ sinch: 'secret' }))": () => basicAuth(Promise.resolve({ sinch: 'secret' }) as never),
		'(new (class { sinch = "secret"; })())': () =>
			basicAuth(
				new (class {
					sinch = 'secret';
				})() as never,
			),
		'()': () => (basicAuth as () => unknown)(),
	})) {
		it(`refuses basicAuth${name}, and shows the right form`, () => {
			expect(call).to.throw(TypeError, "basicAuth({ sinch: 'the password' })");
			expect(call).not.to.throw("'secret'");
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
