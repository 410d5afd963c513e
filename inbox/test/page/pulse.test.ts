import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import express, { type Express } from 'express';
import { makeLogger } from '../../lib/log.js';
import { makePulseStream, type PulseStream, type PulseTimes } from '../../lib/page/pulse.js';
import type { Database } from '../../lib/store/database.js';
import type { Pulse } from '../../lib/store/read/read-pulse.js';
import { eventually } from '../support/eventually.js';
import { reportXml, sendReport } from '../support/report-request.js';
import { type Served, serve, serveInbox } from '../support/serve.js';
import { openTemporaryDatabase, START_TIMEOUT_MS } from '../support/temporary-database.js';
import { EventStream } from './event-stream.js';

describe('makePulseStream', () => {
	let pulse: PulseStream;
	let app: Express;
	let served: Served;
	const streams: EventStream[] = [];
	let readings: number;

	afterEach(async () => {
		for (const stream of streams.splice(0)) stream.close();
		await served.close();
	});

	async function open(
		read: () => Promise<object> = async () => ({ version: String(readings) }),
		times?: PulseTimes,
	): Promise<void> {
		readings = 0;
		const count = () => {
			readings++;
			return read() as Promise<Pulse>;
		};
		pulse = makePulseStream(count, makeLogger('silent'), times);
		app = express().get('/events', pulse.handler);
		served = await serve(app, pulse.close);
	}

	function stream(): EventStream {
		const made = new EventStream(served.url);
		streams.push(made);
		return made;
	}

	it('sends each new page the state of the inbox', async () => {
		await open();
		expect(await stream().next()).to.deep.equal({ database: true, version: '1' });
		expect(await stream().next()).to.include({ database: true });
	});

	it('forbids proxies from buffering or caching the stream', async () => {
		await open();
		const { statusCode, headers } = await stream().opened();
		expect(statusCode).to.equal(200);
		expect(headers).to.include({
			'content-type': 'text/event-stream',
			'cache-control': 'no-store',
			'x-accel-buffering': 'no',
		});
	});

	it('notifies all pages of a change with one read', async () => {
		await open();
		const pages = [stream(), stream()];
		for (const page of pages) await page.next();
		const before = readings;
		pulse.changed();
		// the first page may also get an event because the second one opened
		for (const page of pages) await page.next(({ version }) => version === String(before + 1));
		expect(readings).to.equal(before + 1);
	});

	it('reads once for many changes', async () => {
		await open();
		const page = stream();
		await page.next();
		for (let n = 0; n < 1000; n++) pulse.changed();
		await page.next(({ version }) => version === '2');
		expect(readings).to.equal(2);
	});

	it('sends news less often to many pages, but at once after a while without any', async () => {
		await open(undefined, { beatMs: 900 });
		const pages = Array.from({ length: 25 }, stream);
		for (const page of pages) await page.opened();
		const [page] = pages as [EventStream];
		const timeOfNews = async () => {
			const next = String(readings + 1);
			pulse.changed();
			await page.next(({ version }) => version === next);
			return performance.now();
		};
		const first = await timeOfNews();
		expect((await timeOfNews()) - first).to.be.above(700);
		const beat = String(readings + 1);
		await page.next(({ version }) => version === beat);
		const quiet = performance.now();
		expect((await timeOfNews()) - quiet).to.be.below(400);
	});

	it('sends events regularly without changes', async () => {
		await open(undefined, { beatMs: 100 });
		const page = stream();
		await page.next();
		expect((await page.next()).version).to.equal('2');
	});

	it('reads nothing while no page is open', async () => {
		await open();
		pulse.changed();
		await new Promise(setImmediate);
		expect(readings).to.equal(0);
		await stream().next();
		expect(readings).to.equal(1);
	});

	it('reports a database that fails or does not respond, and its recovery', async () => {
		const results: (() => Promise<object>)[] = [
			() => Promise.reject(new Error('gone')),
			() => new Promise(() => {}),
			async () => ({ version: 'back' }),
		];
		const read = () => (results.length > 1 ? results.shift() : results[0])?.() as Promise<object>;
		await open(read, { beatMs: 10, readTimeoutMs: 50 });
		const page = stream();
		expect(await page.next()).to.deep.equal({ database: false });
		expect(await page.next()).to.deep.equal({ database: false });
		expect(await page.next()).to.deep.equal({ database: true, version: 'back' });
	});

	it('accepts a hundred pages and asks the next one to retry later', async () => {
		await open();
		const pages = Array.from({ length: 100 }, stream);
		for (const page of pages) expect((await page.opened()).statusCode).to.equal(200);
		expect(pulse.viewers()).to.equal(100);
		const refused = await stream().opened();
		expect(refused.statusCode).to.equal(503);
		expect(refused.headers['retry-after']).to.equal('30');
	});

	it('forgets a page that disconnects', async () => {
		await open();
		const page = stream();
		await page.next();
		page.close();
		await eventually('the page to be forgotten', () => pulse.viewers() === 0);
	});

	it('disconnects a page that reads nothing for some time, and keeps the others', async () => {
		await open(async () => ({ version: 'x'.repeat(1024 * 1024) }), { beatMs: 10, idleTimeoutMs: 100 });
		const reader = stream();
		await reader.opened();
		// a Unix socket: the system buffers far less for it than for a TCP connection
		const file = path.join(tmpdir(), `inbox-pulse-${process.pid}.socket`);
		const server = createServer(app).listen(file);
		await once(server, 'listening');
		const stalled = connect(file).pause();
		stalled.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
		await eventually('both pages to be open', () => pulse.viewers() === 2);
		await eventually('the stalled page to be disconnected', () => pulse.viewers() === 1);
		await reader.next();
		stalled.destroy();
		server.close();
	});

	it('gives a page that lost its stream the reason, without opening a new stream', async () => {
		await open();
		expect((await fetch(`${served.url}/events`, { method: 'HEAD' })).status).to.equal(200);
		expect(pulse.viewers()).to.equal(0);
	});

	it('writes nothing after it was closed, even if a read was in progress', async () => {
		let finish = (_pulse: object) => {};
		await open(
			() =>
				new Promise((resolve) => {
					finish = resolve;
				}),
		);
		const page = stream();
		await page.opened();
		await eventually('the read', () => readings > 0);
		pulse.close();
		finish({ version: 'late' });
		await page.closed();
		expect(await page.next().catch((error: Error) => error.message)).to.equal('the stream ended');
	});

	it('ends all streams when it is closed', async () => {
		await open();
		const page = stream();
		await page.next();
		pulse.close();
		await page.closed();
		expect((await stream().opened()).statusCode).to.equal(503);
	});
});

describe('the events of an inbox', () => {
	let database: Database;
	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await openTemporaryDatabase();
	});
	after(() => database?.close());

	it('announce a new report and a refused request in every process on the database', async () => {
		const [one, other] = [await serveInbox(database), await serveInbox(database)];
		const page = new EventStream(other.url, other.bearer);
		try {
			const first = await page.next();
			expect(first).to.deep.include({ database: true, lastReportAt: null, refused: { total: 0, now: [] } });
			await sendReport(one.url, reportXml({ mmStatus: 'Deferred' }));
			const pending = await page.next(({ version }) => version !== first.version);
			expect(Date.parse(pending.lastReportAt ?? '')).to.be.closeTo(Date.now(), 10_000);
			await sendReport(one.url, '<broken>');
			const { refused } = await page.next(({ version }) => version !== pending.version);
			expect(refused?.total).to.equal(1);
			expect(refused?.now.map(({ reason }) => reason)).to.deep.equal(['ERR_MM7_XML']);
		} finally {
			page.close();
			for (const inbox of [one, other]) await inbox.close();
		}
	});
});
