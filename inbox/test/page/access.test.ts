import { request } from 'node:http';
import { expect } from 'chai';
import express from 'express';
import { makeAccess } from '../../lib/page/access.js';
import { type Served, serve } from '../support/serve.js';

interface Received {
	readonly status: number | undefined;
	readonly cookie: string | undefined;
	readonly text: string;
}

describe('makeAccess', () => {
	let served: Served;
	let path: string;
	afterEach(() => served.close());

	async function open(credentials?: { user: string; password: string }, token?: string): Promise<void> {
		const access = makeAccess(credentials, token);
		path = access.path;
		const app = express().use(access.handler, (_req, res) => {
			res.send('the list');
		});
		served = await serve(app);
	}

	/** Sends a request with any header, which fetch does not allow. */
	function get(url: string, headers: Record<string, string> = {}): Promise<Received> {
		return new Promise((resolve, reject) => {
			request(served.url + url, { headers }, (res) => {
				let text = '';
				res.setEncoding('utf8').on('data', (chunk: string) => {
					text += chunk;
				});
				res.on('end', () => resolve({ status: res.statusCode, cookie: res.headers['set-cookie']?.[0], text }));
			})
				.on('error', reject)
				.end();
		});
	}

	const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });

	describe('without a password', () => {
		it('opens with the link, and sets a cookie that scripts and other sites cannot read', async () => {
			await open();
			const { status, cookie = '', text } = await get(path);
			expect(status).to.equal(200);
			expect(cookie).to.match(/^inbox-[\da-f]{8}=[\w-]{32}; Path=\/; HttpOnly; SameSite=Strict$/);
			// the token leaves the address
			expect(text).to.include('http-equiv="refresh" content="0; url=./"').and.not.include('token=');
			expect(await get('/', { Cookie: `other=1; ${cookie.split(';')[0]}` })).to.include({
				status: 200,
				text: 'the list',
			});
		});

		it('opens any page with the token, and keeps the rest of its address', async () => {
			await open();
			const token = path.split('=')[1];
			expect((await get(`/statistics?span=month&token=${token}`)).text).to.include('url=./statistics?span=month"');
		});

		it('sets a secure cookie over HTTPS', async () => {
			await open();
			expect((await get(path, { 'X-Forwarded-Proto': 'https' })).cookie).to.include('; Secure');
		});

		it('accepts the token in a header, for scripts', async () => {
			await open();
			const Authorization = `Bearer ${path.split('=')[1]}`;
			expect(await get('/metrics', { Authorization })).to.include({ status: 200, text: 'the list' });
		});

		it('rejects all other requests, even from this machine and its proxies, and explains how to open the page', async () => {
			await open();
			const strangers: Record<string, string>[] = [
				{},
				{ Host: 'localhost' },
				{ 'X-Forwarded-For': '127.0.0.1' },
				{ Authorization: 'Bearer wrong' },
				{ Cookie: 'inbox-00000000=wrong' },
				basic('ops:secret'),
			];
			for (const headers of strangers) {
				const { status, text } = await get('/', headers);
				expect(status, JSON.stringify(headers)).to.equal(401);
				expect(text).to.include('PAGE_USER').and.not.include('the list');
			}
			expect((await get('/?token=wrong')).status).to.equal(401);
		});

		it('uses a new token after each start', async () => {
			await open();
			const [first, { cookie = '' }] = [path, await get(path)];
			await served.close();
			await open();
			expect(path).not.to.equal(first);
			expect((await get('/', { Cookie: cookie })).status).to.equal(401);
		});
	});

	describe('with a fixed token', () => {
		const TOKEN = 'x'.repeat(20);

		it('stays open after a restart', async () => {
			await open(undefined, TOKEN);
			expect(path).to.equal(`/?token=${TOKEN}`);
			const { cookie = '' } = await get(path);
			await served.close();
			await open(undefined, TOKEN);
			expect(await get('/', { Cookie: cookie.split(';')[0] ?? '' })).to.include({ status: 200, text: 'the list' });
			expect((await get('/', { Authorization: `Bearer ${TOKEN}` })).status).to.equal(200);
		});

		it('explains which link opens the page', async () => {
			await open(undefined, TOKEN);
			const { status, text } = await get('/');
			expect(status).to.equal(401);
			expect(text).to.include('PAGE_TOKEN').and.not.include(TOKEN);
		});
	});

	describe('with a password', () => {
		it('accepts it from any address', async () => {
			await open({ user: 'ops', password: 'secret' });
			expect(path).to.equal('/');
			const headers = { ...basic('ops:secret'), Host: 'inbox.example.net', 'X-Forwarded-For': '192.0.2.7' };
			expect((await get('/', headers)).status).to.equal(200);
			for (const wrong of [{}, basic('ops:wrong'), basic('other:secret')]) {
				expect((await get('/', wrong as Record<string, string>)).status).to.equal(401);
			}
		});

		it('makes browsers ask for it, and explains which one is needed', async () => {
			await open({ user: 'ops', password: 'secret' });
			const response = await fetch(served.url);
			expect(response.headers.get('www-authenticate')).to.match(/^Basic realm=/);
			expect(await response.text()).to.include('PAGE_PASSWORD');
		});
	});
});
