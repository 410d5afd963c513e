import { expect } from 'chai';
import express from 'express';
import { healthHandler, watchHealth } from '../../lib/operations/health.js';
import { type Database, DatabaseError } from '../../lib/store/database.js';
import { reportXml, sendReport } from '../support/report-request.js';
import { type Served, serve, serveInbox } from '../support/serve.js';
import { openTemporaryDatabase } from '../support/temporary-database.js';

describe('/healthz', () => {
	let served: Served | undefined;
	let database: Database | undefined;
	afterEach(async () => {
		await served?.close();
		await database?.close();
		served = database = undefined;
	});

	const status = async () => (await fetch(`${served?.url}/healthz`)).status;

	async function statusWith(write: Database['write']): Promise<number> {
		const { canStore } = watchHealth({ write } as unknown as Database);
		served = await serve(express().get('/healthz', healthHandler({ 'reports cannot be stored': canStore })));
		return status();
	}

	it('responds with 200 while the database accepts writes', async () => {
		expect(await statusWith(async () => [])).to.equal(200);
	});

	it('responds with 503 if a write fails', async () => {
		expect(await statusWith(() => Promise.reject(new Error('gone')))).to.equal(503);
	});

	it('responds with 503 if a write takes more than a second', async () => {
		expect(await statusWith(() => new Promise(() => {}))).to.equal(503);
	});

	/** Serves an inbox whose writes fail while `broken` is true. */
	async function serveFlaky(failure: 'unavailable' | 'refused') {
		const stable = await openTemporaryDatabase();
		database = stable;
		const state = { broken: false };
		const write: Database['write'] = (...statements) =>
			state.broken ? Promise.reject(new DatabaseError('full', failure, 'FULL')) : stable.write(...statements);
		served = await serveInbox({ ...stable, write });
		return state;
	}

	it('responds with 503 after a report could not be stored, and with 200 after the next one is stored', async () => {
		const state = await serveFlaky('unavailable');
		const { url = '' } = served ?? {};
		expect((await sendReport(url, reportXml())).httpStatus).to.equal(200);
		expect(await status()).to.equal(200);
		state.broken = true;
		expect((await sendReport(url, reportXml())).httpStatus).to.equal(500);
		expect(await status()).to.equal(503);
		state.broken = false;
		expect((await sendReport(url, reportXml())).httpStatus).to.equal(200);
		expect(await status()).to.equal(200);
	});

	it('recovers without receiving a report', async () => {
		const state = await serveFlaky('unavailable');
		state.broken = true;
		expect(await status()).to.equal(503);
		state.broken = false;
		while ((await status()) === 503);
		expect(await database?.query('SELECT * FROM refused_requests')).to.deep.equal([]);
	});

	it('ignores a report that the database rejects', async () => {
		const state = await serveFlaky('refused');
		expect(await status()).to.equal(200);
		state.broken = true;
		expect((await sendReport(served?.url ?? '', reportXml())).httpStatus).to.equal(500);
		expect(await status()).to.equal(200);
	});

	it("does not wait for the page's slow queries", async () => {
		database = await openTemporaryDatabase();
		served = await serveInbox(database);
		const count =
			'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n';
		let finished = false;
		const slow = database.search(count).finally(() => {
			finished = true;
		});
		expect(await status()).to.equal(200);
		expect(finished).to.equal(false);
		await slow;
	});
});
