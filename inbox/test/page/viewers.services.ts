import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { type InboxProcess, startInbox } from '../support/inbox-process.js';
import { reportXml, sendReport } from '../support/report-request.js';

const MB = 1024 * 1024;
/** Memory for 100 viewers. */
const MAX_GROWTH_BYTES = 100 * MB;

describe('viewers that stop reading', () => {
	let folder: string;
	let inbox: InboxProcess;
	const viewers: Socket[] = [];

	before(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'inbox-viewers-'));
		inbox = await startInbox({ DATA_DIR: folder, LOG_LEVEL: 'info' });
	});
	after(async () => {
		for (const viewer of viewers) viewer.destroy();
		await inbox?.end('SIGKILL');
		await rm(folder, { recursive: true });
	});

	async function sendLongReports(): Promise<void> {
		for (let n = 0; n < 55; n++) {
			const xml = reportXml({ messageId: `m${n}`, statusText: 'x'.repeat(250_000) });
			expect((await sendReport(inbox.url, xml)).statusCode).to.equal(1000);
		}
	}

	/** Requests something and never reads the response. */
	async function ask(target: string): Promise<void> {
		const socket = connect(Number(new URL(inbox.url).port), '127.0.0.1').pause();
		socket.on('error', () => {});
		viewers.push(socket);
		await once(socket, 'connect');
		socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${inbox.bearer.Authorization}\r\n\r\n`);
	}

	async function metric(name: string): Promise<number> {
		const text = await (await fetch(`${inbox.url}/metrics`, { headers: inbox.bearer })).text();
		return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
	}

	it('use little memory, even if a hundred of them request every page, with status texts of 250 kB', async () => {
		await sendLongReports();
		const before = await metric('process_resident_memory_bytes');
		const [, key = ''] =
			/message\?key=([\w-]+)/.exec(await (await fetch(inbox.url, { headers: inbox.bearer })).text()) ?? [];
		for (let n = 0; n < 100; n++) {
			for (const target of ['/events', '/', '/messages.csv', `/message?key=${key}`]) await ask(target);
		}
		while ((await metric('mm7_inbox_viewers')) < 100);
		await sendLongReports();
		const grown = (await metric('process_resident_memory_bytes')) - before;
		console.log(
			`      100 viewers that never read: ${Math.round(grown / MB)} MB more than ${Math.round(before / MB)} MB`,
		);
		expect(grown).to.be.below(MAX_GROWTH_BYTES);
	});
});
