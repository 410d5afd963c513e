import { expect } from 'chai';
import request from 'supertest';
import { reportXml } from '../support/report.js';
import { readResponse } from '../support/response.js';
import { app } from '../support/server.js';

const send = (application: ReturnType<typeof app>) => request(application).post('/mm7').type('xml').send(reportXml());

describe('allowFrom', () => {
	const from = (address: string, allowFrom: string[]) => {
		const application = app(undefined, { allowFrom }).set('trust proxy', true);
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
		['fe80::1%eth0', 'fe80::/10'],
		['192.0.2.7', '0.0.0.0/0'],
		// the longest prefixes
		['192.0.2.7', '192.0.2.7/32'],
		['2001:db8::1', '2001:db8::1/128'],
		// either address can be IPv4 mapped to IPv6
		['192.0.2.7', '::ffff:c000:207'],
		['192.0.2.7', '::ffff:192.0.2.0/120'],
		['::ffff:192.0.2.7', '::ffff:c000:207/128'],
		['192.0.2.7', '::/0'],
		['::ffff:192.0.2.7', '::ffff:192.0.2.0/120'],
		// Azure Application Gateway, App Service and IIS add the client's port
		['192.0.2.7:51234', '192.0.2.7'],
		['192.0.2.7:80', '192.0.2.0/24'],
		['[2001:db8::7]', '2001:db8::7'],
		['[2001:db8::7]:51234', '2001:db8::/32'],
		['[::ffff:192.0.2.7]:51234', '192.0.2.7'],
		['::ffff:192.0.2.7:51234', '192.0.2.7'],
		['[fe80::1%eth0]:51234', 'fe80::/10'],
	] as const) {
		it(`accepts ${address}, given ${allowed.join(', ')}`, async () => {
			await from(address, allowed).expect(200);
		});
	}

	for (const [address, ...allowed] of [
		['192.0.2.8', '192.0.2.7'],
		['192.0.3.7', '192.0.2.0/24'],
		['2001:db9::1', '2001:db8::/32'],
		['2001:db8::1', '0.0.0.0/0'],
		['192.0.2.8', '192.0.2.7/32'],
		['2001:db8::2', '2001:db8::1/128'],
		['::ffff:192.0.2.8', '192.0.2.7'],
		['192.0.2.7', '::192.0.2.7', '2001:db8::/32'],
		['192.0.3.7', '::ffff:192.0.2.0/120'],
		['not an address', '0.0.0.0/0', '::/0'],
		['192.0.2.8:51234', '192.0.2.7'],
		['[2001:db9::7]:51234', '2001:db8::/32'],
		// a port without brackets is part of the address
		['2001:db8::7:51234', '2001:db8::7'],
		['192.0.2.7:', '0.0.0.0/0', '::/0'],
		['192.0.2.7:512345', '0.0.0.0/0', '::/0'],
		['[192.0.2.7', '0.0.0.0/0', '::/0'],
		['[2001:db8::7]51234', '::/0'],
		['[]:51234', '0.0.0.0/0', '::/0'],
		['example.net:443', '0.0.0.0/0', '::/0'],
	] as const) {
		it(`responds to ${address} with 403, given ${allowed.join(', ')}`, async () => {
			const response = await from(address, allowed).expect(403);
			expect(readResponse(response.text)).to.include({ faultCode: 'Client', statusCode: 4007 });
		});
	}

	for (const entry of [
		'192.0.2.0/33',
		'192.0.2.0/',
		'192.0.2.0/x',
		'192.0.2',
		'example.net',
		'',
		'::/129',
		'192.0.2.7:80',
		'[::1]',
	]) {
		it(`throws a TypeError for the entry ${JSON.stringify(entry)}`, () => {
			expect(() => app(undefined, { allowFrom: [entry] })).to.throw(TypeError, /allowFrom.*neither an IP address/);
		});
	}
});
