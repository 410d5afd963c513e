import { expect } from 'chai';
import express from 'express';
import { health } from '../../lib/operations/health.js';
import type { Database } from '../../lib/store/database.js';
import { type Served, serve } from '../support/serve.js';

describe('health', () => {
	let served: Served;
	afterEach(() => served.close());

	async function statusWith(query: () => Promise<never[]>, write = query): Promise<number> {
		served = await serve(express().get('/healthz', health({ query, write } as unknown as Database)));
		return (await fetch(`${served.url}/healthz`)).status;
	}

	it('is 200 while the database answers', async () => {
		expect(await statusWith(async () => [])).to.equal(200);
	});

	it('is 503 when the database fails', async () => {
		expect(await statusWith(() => Promise.reject(new Error('gone')))).to.equal(503);
	});

	it('is 503 when it can be read only', async () => {
		expect(
			await statusWith(
				async () => [],
				() => new Promise(() => {}),
			),
		).to.equal(503);
	});

	it('is 503 when the database does not answer within a second', async () => {
		expect(await statusWith(() => new Promise(() => {}))).to.equal(503);
	});
});
