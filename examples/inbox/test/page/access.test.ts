import { request } from 'node:http';
import { expect } from 'chai';
import express from 'express';
import { restrictAccess } from '../../page/access.js';
import { type Served, serve } from '../serve.js';

describe('restrictAccess', () => {
	let served: Served;
	afterEach(() => served.close());

	async function open(credentials?: { user: string; password: string }): Promise<void> {
		const app = express().use(restrictAccess(credentials), (_req, res) => {
			res.send('numbers');
		});
		served = await serve(app);
	}

	/** Unlike fetch, this may send any Host. */
	function get(headers: Record<string, string> = {}): Promise<number | undefined> {
		return new Promise((resolve, reject) => {
			request(served.url, { headers }, (res) => resolve(res.resume().statusCode))
				.on('error', reject)
				.end();
		});
	}

	const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });

	it('without a password lets browsers on this machine in', async () => {
		await open();
		for (const Host of ['localhost', 'localhost:3000', '127.0.0.1:3000', '[::1]:3000']) {
			expect(await get({ Host }), Host).to.equal(200);
		}
	});

	it('without a password keeps out what came through a proxy', async () => {
		await open();
		expect(await get({ 'X-Forwarded-For': '127.0.0.1' })).to.equal(403);
		expect(await get({ Forwarded: 'for=127.0.0.1' })).to.equal(403);
		expect(await get({ Via: '1.1 proxy' })).to.equal(403);
	});

	it('without a password keeps out foreign names that lead here', async () => {
		await open();
		for (const Host of ['inbox.example.net', 'localhost.example.net', '127.0.0.1.example.net', '192.0.2.7']) {
			expect(await get({ Host }), Host).to.equal(403);
		}
	});

	it('with a password lets in whoever has it, from anywhere', async () => {
		await open({ user: 'ops', password: 'secret' });
		expect(await get({ ...basic('ops:secret'), Host: 'inbox.example.net', 'X-Forwarded-For': '192.0.2.7' })).to.equal(
			200,
		);
		expect(await get()).to.equal(401);
		expect(await get(basic('ops:wrong'))).to.equal(401);
		expect(await get(basic('other:secret'))).to.equal(401);
	});

	it('makes browsers ask for the password', async () => {
		await open({ user: 'ops', password: 'secret' });
		expect((await fetch(served.url)).headers.get('www-authenticate')).to.match(/^Basic realm=/);
	});
});
