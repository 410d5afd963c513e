import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { pino } from 'pino';
import type { Database } from '../../database/database.js';
import { type Events, makeEvents } from '../../page/events.js';
import type { Overview } from '../../page/overview.js';
import { openTemporaryDatabase, START_TIMEOUT } from '../database/temporary-database.js';
import { reportXml, sendReport } from '../report-request.js';
import { type Served, serve, serveInbox } from '../serve.js';
import { EventStream } from './event-stream.js';

const silent = pino({ level: 'silent' });

describe('makeEvents', () => {
	let events: Events;
	let served: Served;
	const streams: EventStream[] = [];
	let readings: number;

	afterEach(async () => {
		for (const stream of streams.splice(0)) stream.close();
		await served.close();
	});

	async function open(read: () => Promise<object> = async () => ({ reading: readings })): Promise<void> {
		readings = 0;
		events = makeEvents(() => {
			readings++;
			return read();
		}, silent);
		served = await serve(express().get('/events', events.handler), events.close);
	}

	function stream(): EventStream {
		const made = new EventStream(served.url);
		streams.push(made);
		return made;
	}

	it('gives each new page the whole picture at once', async () => {
		await open();
		const first = await stream().next();
		const second = await stream().next();
		expect([first, second]).to.deep.equal([
			{ event: 'overview', id: '0', data: { reading: 1 } },
			{ event: 'overview', id: '0', data: { reading: 1 } },
		]);
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

	it('sends every page the new picture after a change', async () => {
		await open();
		const pages = [stream(), stream()];
		for (const page of pages) await page.next();
		events.changed();
		for (const page of pages) expect((await page.next()).id).to.equal('1');
	});

	it('makes one reading of many changes', async () => {
		await open();
		const page = stream();
		await page.next();
		for (let n = 0; n < 1000; n++) events.changed();
		await page.next(({ id }) => id === '1000');
		expect(readings).to.be.at.most(3);
	});

	it('reads nothing while nobody looks', async () => {
		await open();
		events.changed();
		expect(readings).to.equal(0);
		expect((await stream().next()).id).to.equal('1');
		expect(readings).to.equal(1);
	});

	it('tries again when the database fails, without a new change', async function () {
		this.timeout(15_000);
		let failed = false;
		await open(async () => {
			if (failed) return { fine: true };
			failed = true;
			throw new Error('gone');
		});
		expect((await stream().next()).data).to.deep.equal({ fine: true });
	});

	it('takes a hundred pages and tells the next to come later', async () => {
		await open();
		const pages = Array.from({ length: 100 }, stream);
		for (const page of pages) expect((await page.opened()).statusCode).to.equal(200);
		expect(events.viewers()).to.equal(100);
		const refused = await stream().opened();
		expect(refused.statusCode).to.equal(503);
		expect(refused.headers['retry-after']).to.equal('30');
	});

	it('forgets a page that went away', async () => {
		await open();
		const page = stream();
		await page.next();
		page.close();
		while (events.viewers() > 0) await new Promise(setImmediate);
	});

	it('keeps one event at most for a page that does not read', async function () {
		this.timeout(30_000);
		const size = 4 * 1024 * 1024;
		let reads = 0;
		let sixth = () => {};
		const six = new Promise<void>((resolve) => {
			sixth = resolve;
		});
		await open(async () => {
			if (++reads === 6) sixth();
			else events.changed();
			return { text: 'x'.repeat(size) };
		});
		const [socket, client] = await stalledClient(served);
		await six;
		events.changed();
		// 24 MB have been offered; what waits is what one write had begun
		expect(socket.writableLength).to.be.at.most(2 * size);
		expect(events.viewers()).to.equal(1);
		let received = '';
		client.on('data', (chunk: Buffer) => {
			received = (received + chunk.toString('latin1')).replaceAll('x', '');
		});
		client.resume();
		while (!received.includes('id: 6\n')) await once(client, 'data');
		client.destroy();
	});

	it('ends all streams when it is closed', async () => {
		await open();
		const page = stream();
		await page.next();
		events.close();
		await page.closed();
		expect((await stream().opened()).statusCode).to.equal(503);
	});
});

/** A client that asks for the events and reads no further; with the server's side of its connection. */
async function stalledClient({ server, url }: Served): Promise<[Socket, Socket]> {
	const connected = once(server, 'connection') as Promise<[Socket]>;
	const client = connect(Number(new URL(url).port), '127.0.0.1');
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

	it('tell of a new report, a change of state and an unreadable request, in every process on the database', async () => {
		const inboxes = [await serveInbox(database), await serveInbox(database)];
		const [url = '', otherUrl = ''] = inboxes.map((inbox) => inbox.url);
		const page = new EventStream(otherUrl);
		const overview = async (fits: (overview: Overview) => boolean) =>
			(await page.next(({ event, data }) => event === 'overview' && fits(data as Overview))).data as Overview;
		try {
			expect(await overview(() => true)).to.deep.equal({
				counts: { delivered: 0, failed: 0, pending: 0, unknown: 0 },
				unreadable: 0,
				reports: [],
			});
			await sendReport(url, reportXml({ mmStatus: 'Deferred' }));
			const pending = await overview(({ counts }) => counts.pending === 1);
			expect(pending.reports.map(({ mmStatus }) => mmStatus)).to.deep.equal(['Deferred']);
			await sendReport(url, reportXml({ mmStatus: 'Retrieved' }));
			const delivered = await overview(({ counts }) => counts.delivered === 1);
			expect(delivered.counts.pending).to.equal(0);
			expect(delivered.reports.map(({ mmStatus }) => mmStatus)).to.deep.equal(['Retrieved', 'Deferred']);
			await sendReport(url, '<broken>');
			expect((await overview(({ unreadable }) => unreadable === 1)).reports).to.have.lengthOf(2);
		} finally {
			page.close();
			for (const inbox of inboxes) await inbox.close();
		}
	});
});
