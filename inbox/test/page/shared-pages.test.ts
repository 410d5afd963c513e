import { expect } from 'chai';
import express from 'express';
import { h } from 'preact';
import { sharePages } from '../../lib/page/shared-pages.js';
import { type Served, serve } from '../support/serve.js';

describe('sharePages', () => {
	let rendered: number;
	let lastRead: number;
	let open: number;
	let served: Served;

	beforeEach(async () => {
		[rendered, lastRead, open] = [0, 0, 2];
		const share = sharePages({ lastRead: () => lastRead, viewers: () => open });
		// otherwise Express prints errors
		const app = express().set('env', 'test');
		app.use(
			share(async ({ url }) => {
				if (url === '/none') return undefined;
				if (++rendered === 1 && url === '/fails') throw new Error('away');
				return h('p', null, `${url} ${url === '/same' ? 0 : rendered} ${'long '.repeat(1_000)}`);
			}),
		);
		served = await serve(app);
	});
	afterEach(() => served.close());

	const get = (url: string, headers: Record<string, string> = {}) => fetch(served.url + url, { headers });
	const textOf = async (url: string) => (await (await get(url)).text()).match(/<p>(\S+ \d+)/)?.[1];

	it('renders a page once for all requests after an event', async () => {
		const texts = await Promise.all(['/', '/', '/?q=1'].map(textOf));
		expect(texts).to.deep.equal(['/ 1', '/ 1', '/?q=1 2']);
		expect(await textOf('/')).to.equal('/ 1');
	});

	it('renders the page again after the next event', async () => {
		await textOf('/');
		lastRead = performance.now();
		expect(await textOf('/')).to.equal('/ 2');
	});

	it('does not share pages while none is open, and never shares failures', async () => {
		expect((await get('/fails')).status).to.equal(500);
		expect(await textOf('/fails')).to.equal('/fails 2');
		open = 0;
		expect(await textOf('/fails')).to.equal('/fails 3');
	});

	it('compresses pages for browsers that support it', async () => {
		const compressed = await get('/same', { 'Accept-Encoding': 'gzip, br' });
		expect(compressed.headers.get('content-encoding')).to.equal('gzip');
		expect(Number(compressed.headers.get('content-length'))).to.be.below(500);
		const plain = await get('/same', { 'Accept-Encoding': 'identity' });
		expect(plain.headers.get('content-encoding')).to.equal(null);
		expect(await plain.text()).to.equal(await compressed.text());
	});

	it('sends a page only to browsers that do not have it', async () => {
		const tag = (await get('/same')).headers.get('etag') ?? '';
		lastRead = performance.now();
		expect((await get('/same', { 'If-None-Match': tag })).status).to.equal(304);
		expect((await get('/other', { 'If-None-Match': tag })).status).to.equal(200);
	});

	it('passes on requests for pages that do not exist', async () => {
		expect((await get('/none')).status).to.equal(404);
	});
});
