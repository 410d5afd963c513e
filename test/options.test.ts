import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import Keyv from 'keyv';
import request from 'supertest';
import { mm7DeliveryReports, type Options } from '../lib/index.js';
import { multipart, reportXml } from './support/report.js';
import { app, Exchanges } from './support/server.js';

const make = (options: unknown) => () => mm7DeliveryReports(() => undefined, options as Options);

const store = { get: () => undefined, set: () => undefined };

/** Options with one limit each. */
const each = (limit: string, ...values: unknown[]) => values.map((value) => ({ [limit]: value }));

const LEGAL: Record<keyof Options, readonly unknown[]> = {
	limits: [
		{},
		...each('body', 1, 1048576, 2 ** 28, '1mb', '256mb', '512kb', '100 KB', '10b', '1.5mb', '4096'),
		...each('soap', 65536, '64kb'),
		...each('parts', 1, 16, 1000),
		...each('elements', 1, 512),
		...each('depth', 4, 32, 256),
		...each('attributes', 1, 64),
	],
	handlerTimeout: [1, 8000],
	bodyTimeout: [1, 10000, 2 ** 31 - 1],
	authenticate: [() => true],
	allowFrom: ['192.0.2.7', ['192.0.2.0/24', '2001:db8::/32']],
	readReplies: [() => undefined],
	otherOperations: ['fault', 'next', () => undefined],
	echoMustUnderstand: [true, false, 'auto'],
	clientFaultStatus: [500, 200, 400, 599],
	deduplicate: [true, false, {}, { store }, { store, ttl: 1, storeTimeout: 1 }],
	onExchange: [() => undefined],
};
const ILLEGAL: Record<keyof Options, readonly unknown[]> = {
	limits: [
		...[null, [], new Map(), '1mb', { bodies: 5 }],
		...each('body', 0, -1, 1.5, 2 ** 28 + 1, '257mb', Number.NaN, Number.POSITIVE_INFINITY, '1 gigabyte', '', 'mb'),
		...each('body', '-1mb', null, true, {}),
		...each('soap', 0, '0kb', null),
		...each('parts', 0, 1001, '16', 1.5),
		...each('elements', 0, Number.NaN),
		...each('depth', 3, 257, Number.POSITIVE_INFINITY),
		...each('attributes', 0, -1),
	],
	handlerTimeout: [0, -1, '8s', 2 ** 31, Number.NaN],
	bodyTimeout: [0, null, 0.5],
	authenticate: ['user:password', { user: 'password' }, true, null],
	allowFrom: ['', [], ['192.0.2.0/40'], 'localhost', 7, [7], null],
	readReplies: [{}, 'next', true, null],
	otherOperations: ['Next', true, '', {}],
	echoMustUnderstand: [1, '1', null, 'Auto'],
	clientFaultStatus: [199, 204, 304, 399, 600, '500', 200.5],
	deduplicate: [
		...['memory', 1, null, [], store, new Map(), Promise.resolve({ store }), new Keyv()],
		...[{ store: {} }, { store: true }, { store: Promise.resolve(store) }, { ttl: 0 }, { storeTimeout: '1s' }],
		{ tll: 5 },
	],
	onExchange: [{}, 'log', null],
};

describe('options', () => {
	it('can be absent, undefined, empty, or have no prototype', () => {
		for (const options of [undefined, {}, Object.create(null)]) expect(make(options)).not.to.throw();
	});

	class Settings {
		authenticate = () => false;
	}
	for (const [options, message] of [
		[null, 'not null'],
		['limits', "not 'limits'"],
		[7, 'not 7'],
		[() => undefined, 'not [Function'],
		[[], 'not []'],
		[[{ bodyTimeout: 5 }], 'not [ { bodyTimeout: 5 } ]'],
		[Promise.resolve({ bodyTimeout: 5 }), 'not a Promise: await it first'],
		[new Map([['bodyTimeout', 5]]), 'not an instance of Map: write Object.fromEntries(…)'],
		[new URLSearchParams('bodyTimeout=5'), 'not an instance of URLSearchParams: write { ...it }'],
		[new Settings(), 'not an instance of Settings: write { ...it }'],
		[Object.create({ bodyTimeout: 5 }), 'not an instance of Object: write { ...it }'],
	] as const) {
		it(`are rejected if given as ${message.slice(4)}`, () => {
			expect(make(options)).to.throw(TypeError, `options must be a plain object such as { … }, ${message}`);
		});
	}

	it('are rejected if there are two objects', () => {
		const twice = mm7DeliveryReports as (...args: unknown[]) => unknown;
		for (const args of [
			[{}, { bodyTimeout: 5 }],
			[undefined, { bodyTimeout: 5 }],
		]) {
			expect(() => twice(() => undefined, ...args)).to.throw(
				TypeError,
				'mm7DeliveryReports takes a handler and one object of options',
			);
		}
	});

	it('can come from another realm, as in Jest', () => {
		expect(make(runInNewContext('({ bodyTimeout: 5 })'))).not.to.throw();
	});

	for (const name of Object.keys(LEGAL) as (keyof Options)[]) {
		it(`accept their legal values: ${name}`, () => {
			for (const value of [undefined, ...LEGAL[name]]) expect(make({ [name]: value }), inspect(value)).not.to.throw();
		});

		it(`reject other values by name: ${name}`, () => {
			for (const value of ILLEGAL[name]) {
				expect(make({ [name]: value }), inspect(value)).to.throw(TypeError, name);
			}
		});
	}

	for (const [options, message] of [
		[
			{ limits: { body: '1 gigabyte' } },
			`option limits.body must be a size in bytes, such as 65536 or "64kb", up to "256mb", not '1 gigabyte'`,
		],
		[{ limits: { parts: -1 } }, 'option limits.parts must be a whole number from 1 to 1000, not -1'],
		[{ otherOperations: 'pass' }, `option otherOperations must be "fault", "next" or a function, not 'pass'`],
		[{ allowFrom: ['10.0.0.0/99'] }, `option allowFrom: "10.0.0.0/99" is neither an IP address nor a CIDR range`],
		[{ deduplicate: { ttl: -5 } }, 'option deduplicate.ttl must be a whole number of milliseconds, at least 1, not -5'],
		[{ handlerTimeOut: 5 }, 'unknown option handlerTimeOut; did you mean handlerTimeout?'],
		[{ timeout: 5 }, 'unknown option timeout; valid names are limits, '],
		[{ onExchanges: 5 }, 'unknown option onExchanges; did you mean onExchange?'],
		[{ allowfrom: '::1' }, 'unknown option allowfrom; did you mean allowFrom?'],
		[{ deduplicate: { tll: 5 } }, 'unknown option deduplicate.tll; valid names are store, ttl, storeTimeout'],
		[{ constructor: 5 }, 'unknown option constructor'],
		[{ deduplicate: new Map() }, 'option deduplicate is a store: write { store: … } instead'],
		[{ deduplicate: store }, 'write { store: … }'],
		[
			{ deduplicate: Promise.resolve({}) },
			'option deduplicate must be true, false or { store, ttl, storeTimeout }, not a Promise: await it first',
		],
		[{ allowFrom: Promise.resolve('::1') }, 'or a list of them, not a Promise: await it first'],
		[{ allowFrom: new Set(['::1']) }, 'or a list of them, not an instance of Set'],
	] as const) {
		it(`explains ${JSON.stringify(options)}`, () => {
			expect(make(options)).to.throw(TypeError, message);
		});
	}

	describe('limits', () => {
		const extension = (content: string) => reportXml({ elements: { Extension: content } });
		const elements = (count: number) => extension('<x/>'.repeat(count));
		const nested = (depth: number) => extension('<x>'.repeat(depth) + '</x>'.repeat(depth));
		const attributes = (count: number) =>
			extension(`<x ${Array.from({ length: count }, (_, i) => `a${i}=""`).join(' ')}/>`);
		const soap = (bytes: number) => reportXml().padEnd(bytes);
		const parts = (count: number) =>
			`--b\r\nContent-Type: text/xml\r\n\r\n${reportXml()}\r\n${'--b\r\n\r\nx\r\n'.repeat(count - 1)}--b--\r\n`;

		// reportXml has 14 elements and a depth of 6; without limits, the defaults apply
		for (const [make, largest, limits, http, code] of [
			[elements, 497, {}, 500, 'ERR_MM7_TOO_MANY_ELEMENTS'],
			[elements, 5, { elements: 20 }, 500, 'ERR_MM7_TOO_MANY_ELEMENTS'],
			[nested, 28, {}, 500, 'ERR_MM7_TOO_DEEP'],
			[nested, 2, { depth: 6 }, 500, 'ERR_MM7_TOO_DEEP'],
			[attributes, 64, {}, 500, 'ERR_MM7_TOO_MANY_ATTRIBUTES'],
			[attributes, 3, { attributes: 3 }, 500, 'ERR_MM7_TOO_MANY_ATTRIBUTES'],
			[soap, 256 * 1024, {}, 413, 'ERR_MM7_SOAP_TOO_LARGE'],
			[soap, 2048, { soap: '2kb' }, 413, 'ERR_MM7_SOAP_TOO_LARGE'],
			[parts, 16, {}, 500, 'ERR_MM7_TOO_MANY_PARTS'],
			[parts, 2, { parts: 2 }, 500, 'ERR_MM7_TOO_MANY_PARTS'],
		] as const) {
			it(`${JSON.stringify(limits)} allow ${largest} ${make.name} and reject more`, async () => {
				const exchanges = new Exchanges();
				const application = app(undefined, { limits, onExchange: exchanges.add });
				const type = make === parts ? 'multipart/related; boundary=b' : 'text/xml';
				const send = (size: number) => request(application).post('/mm7').type(type).send(make(size));
				await send(largest).expect(200);
				await send(largest + 1).expect(http);
				expect((await exchanges.number(2)).error?.code).to.equal(code);
			});
		}

		it('apply to the SOAP part of a multipart, not to its attachments', async () => {
			const { headers, body } = multipart(reportXml());
			const large = Buffer.from(body.toString().replace('no picture', 'x'.repeat(500_000)));
			await request(app()).post('/mm7').set(headers).send(large).expect(200);
			const { body: over } = multipart(reportXml().padEnd(300_000));
			await request(app()).post('/mm7').set(headers).send(over).expect(413);
		});
	});
});
