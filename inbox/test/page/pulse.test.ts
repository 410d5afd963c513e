import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { pino } from 'pino';
import { makePulseStream, type PulseStream } from '../../lib/page/pulse.js';
import type { Database } from '../../lib/store/database.js';
import type { Pulse } from '../../lib/store/read/read-pulse.js';
import { reportXml, sendReport } from '../support/report-request.js';
import { type Served, serve, serveInbox } from '../support/serve.js';
import { openTemporaryDatabase, START_TIMEOUT } from '../support/temporary-database.js';
import { EventStream } from './event-stream.js';

const silent = pino({ level: 'silent' });

describe('makePulseStream', () => {
	let pulse: PulseStream;
	let served: Served;
	const streams: EventStream[] = [];
	let readings: number;

	afterEach(async () => {
		for (const stream of streams.splice(0)) stream.close();
		await served.close();
	});

	async function open(read: () => Promise<object> = async () => ({ version: String(readings) })): Promise<void> {
		readings = 0;
		pulse = makePulseStream(() => {
			readings++;
			return read() as Promise<Pulse>;
		}, silent);
		served = await serve(express().get('/events', pulse.handler), pulse.close);
	}

	function stream(): EventStream {
		const made = new EventStream(served.url);
		streams.push(made);
		return made;
	}

	it('tells each new page how it is', async () => {
		await open();
		expect(await stream().next()).to.deep.equal({ database: true, version: '1' });
		expect(await stream().next()).to.include({ database: true });
	});

	it('is a stream that no proxy holds back or keeps', async () => {
		await open();
		const { statusCode, headers } = await stream().opened();
		expect(statusCode).to.equal(200);
		expect(headers).to.include({
			'content-type': 'text/event-stream',
			'cache-control': 'no-store',
			'x-accel-buffering': 'no',
		});
	});

	it('tells every page of a change, from one reading', async () => {
		await open();
		const pages = [stream(), stream()];
		for (const page of pages) await page.next();
		const before = readings;
		pulse.changed();
		// the opening of the second page may have told the first one something too
		for (const page of pages) await page.next(({ version }) => version === String(before + 1));
		expect(readings).to.equal(before + 1);
	});

	it('makes one reading of many changes', async () => {
		await open();
		const page = stream();
		await page.next();
		for (let n = 0; n < 1000; n++) pulse.changed();
		await page.next(({ version }) => version === '2');
		expect(readings).to.equal(2);
	});

	it('beats though nothing changes', async () => {
		await open();
		const page = stream();
		await page.next();
		expect((await page.next()).version).to.equal('2');
	});

	it('reads nothing while nobody looks', async () => {
		await open();
		pulse.changed();
		await new Promise(setImmediate);
		expect(readings).to.equal(0);
		await stream().next();
		expect(readings).to.equal(1);
	});

	it('says that the database does not answer, whether it fails or is silent, and that it does again', async function () {
		this.timeout(20_000);
		const answers: (() => Promise<object>)[] = [
			() => Promise.reject(new Error('gone')),
			() => new Promise(() => {}),
			async () => ({ version: 'back' }),
		];
		await open(() => (answers.length > 1 ? answers.shift() : answers[0])?.() as Promise<object>);
		const page = stream();
		expect(await page.next()).to.deep.equal({ database: false });
		pulse.changed();
		expect(await page.next()).to.deep.equal({ database: false });
		pulse.changed();
		expect(await page.next()).to.deep.equal({ database: true, version: 'back' });
	});

	it('takes a hundred pages and tells the next to come later', async () => {
		await open();
		const pages = Array.from({ length: 100 }, stream);
		for (const page of pages) expect((await page.opened()).statusCode).to.equal(200);
		expect(pulse.viewers()).to.equal(100);
		const refused = await stream().opened();
		expect(refused.statusCode).to.equal(503);
		expect(refused.headers['retry-after']).to.equal('30');
	});

	it('forgets a page that went away', async () => {
		await open();
		const page = stream();
		await page.next();
		page.close();
		while (pulse.viewers() > 0) await new Promise(setImmediate);
	});

	it('drops a page that reads nothing, once too much waits for it', async function () {
		this.timeout(30_000);
		// much more than the operating system takes
		await open(async () => ({ version: 'x'.repeat(8 * 1024 * 1024) }));
		const [socket] = await stalledClient(served);
		const dropped = once(socket, 'close');
		const page = stream();
		await page.next();
		pulse.changed();
		await dropped;
		// the one that reads stays
		await page.next();
		expect(pulse.viewers()).to.equal(1);
	});

	it('answers the question why a page was cut off, without a stream', async () => {
		await open();
		expect((await fetch(`${served.url}/events`, { method: 'HEAD' })).status).to.equal(200);
		expect(pulse.viewers()).to.equal(0);
	});

	it('writes to nobody after it was closed, though a reading was on its way', async () => {
		let answer = (_pulse: object) => {};
		await open(
			() =>
				new Promise((resolve) => {
					answer = resolve;
				}),
		);
		const page = stream();
		await page.opened();
		while (readings === 0) await new Promise(setImmediate);
		pulse.close();
		answer({ version: 'late' });
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

/** A client that asks for the events and reads no further; with the server's side of its connection. */
async function stalledClient({ server, url }: Served): Promise<[Socket, Socket]> {
	const connected = once(server, 'connection') as Promise<[Socket]>;
	const client = connect(Number(new URL(url).port), '127.0.0.1');
	client.on('error', () => {});
	client.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
	client.pause();
	const [socket] = await connected;
	return [socket, client];
}

describe('the events of an inbox', () => {
	let database: Database;
	before(async function () {
		this.timeout(START_TIMEOUT);
		database = await openTemporaryDatabase();
	});
	after(() => database?.close());

	it('tell of a new report and of an unreadable request, in every process on the database', async () => {
		const [one, other] = [await serveInbox(database), await serveInbox(database)];
		const page = new EventStream(other.url, other.bearer);
		try {
			const first = await page.next();
			expect(first).to.include({ database: true, lastReportAt: null, unreadable: 0 });
			await sendReport(one.url, reportXml({ mmStatus: 'Deferred' }));
			const pending = await page.next(({ version }) => version !== first.version);
			expect(Date.parse(pending.lastReportAt ?? '')).to.be.closeTo(Date.now(), 10_000);
			await sendReport(one.url, '<broken>');
			const unreadable = await page.next(({ version }) => version !== pending.version);
			expect(unreadable.unreadable).to.equal(1);
		} finally {
			page.close();
			for (const inbox of [one, other]) await inbox.close();
		}
	});
});
